"""Up, down, up: the sound project passes, each defect is found at the revision that has it."""

import pytest

from mcp_server.migrations.drift import drift
from mcp_server.migrations.round_trip import round_trip
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.errors import KitError, Refused
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.migrations.lab import Lab


async def test_sound_revisions_pass_with_rows_in_every_table(lab: Lab) -> None:
    trip = await round_trip(lab.workspace, lab.child)
    assert trip.problems == ()
    assert (trip.engine, trip.revisions, trip.tables, trip.rows) == ("sqlite", 3, 2, 4)


async def test_sound_revisions_pass_on_postgresql(lab: Lab, server: str) -> None:
    trip = await round_trip(lab.workspace, lab.child, server)
    assert trip.problems == ()
    assert (trip.engine, trip.tables, trip.rows) == ("postgresql", 2, 4)


async def test_this_repository_holds(real: tuple[Workspace, WarmChild]) -> None:
    trip = await round_trip(*real)
    assert trip.problems == ()
    assert trip.rows >= trip.tables > 0
    assert await drift(*real) == ()


async def test_this_repository_holds_on_postgresql(real: tuple[Workspace, WarmChild], server: str) -> None:
    trip = await round_trip(*real, server)
    assert trip.problems == ()
    assert await drift(*real, server) == ()


@pytest.mark.parametrize(
    ("project", "code", "said"),
    [
        ("leaves_a_column", "MIG041", "column books.isbn"),
        ("fails_downwards", "MIG040", "the downgrade fails"),
        ("fails_on_rows", "MIG040", "NOT NULL"),
        ("loses_rows", "MIG042", "books had 2 rows and has 0"),
        ("breaks_references", "MIG040", "books -> authors"),
    ],
)
async def test_a_defect_is_found(lab: Lab, project: str, code: str, said: str) -> None:
    lab.load(project)
    trip = await round_trip(lab.workspace, lab.child)
    found = [problem for problem in trip.problems if problem.code == code]
    assert found, trip.problems
    assert said in found[0].reason
    assert found[0].place.startswith("alembic/versions/dddddddddddd")


REVISION = """revision = "dddddddddddd"
down_revision = "cccccccccccc"

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    with op.batch_alter_table("books") as batch:
        {up}


def downgrade() -> None:
    with op.batch_alter_table("books") as batch:
        {down}
"""
AGAIN = """batch.drop_column("signed")
    op.add_column("books", sa.Column("signed", sa.Boolean(), server_default=sa.true(), nullable=False))
    with op.batch_alter_table("books") as batch:
        batch.alter_column("signed", server_default=sa.false(), existing_type=sa.Boolean())"""
WIDER = (
    "batch.alter_column('title', new_column_name='name', type_=sa.String(250), existing_type=sa.String(200))"
)
NARROWER = (
    "batch.alter_column('name', new_column_name='title', type_=sa.String(200), existing_type=sa.String(250))"
)
REUSED = f'{WIDER}\n    op.add_column("books", sa.Column("title", sa.Boolean(), nullable=True))'
TAKEN_BACK = (
    f'batch.drop_column("title")\n    with op.batch_alter_table("books") as batch:\n        {NARROWER}'
)
VALUES = [
    ("made anew", AGAIN, "pass", ["books.signed was 0 and is 1"]),
    ("made anew on the way back", "pass", AGAIN, ["books.signed was 0 and is 1"]),
    ("renamed and widened", WIDER, NARROWER, []),
    ("renamed, and the old name used again", REUSED, TAKEN_BACK, []),
    (
        "set by an update",
        "pass\n    op.execute('UPDATE books SET sold = 5, signed = (1 = 1) WHERE id > 0')",
        "pass",
        [],
    ),
]


@pytest.mark.parametrize(("what", "up", "down", "said"), VALUES, ids=[one[0] for one in VALUES])
async def test_the_values_of_rows_that_stay_are_compared(
    lab: Lab, what: str, up: str, down: str, said: list[str]
) -> None:
    path = lab.workspace.root / "alembic/versions/dddddddddddd_values.py"
    path.write_text(REVISION.format(up=up, down=down))
    trip = await round_trip(lab.workspace, lab.child)
    found = [problem.reason for problem in trip.problems]
    assert [one for one in found if not any(text in one for text in said)] == []
    assert {problem.code for problem in trip.problems} == ({"MIG045"} if said else set())


ALIKE = """batch.add_column(sa.Column("shelf", sa.String(9), nullable=True))
    op.execute("UPDATE books SET shelf = 'none'")"""
IN_TWO_STEPS = """batch.alter_column("shelf", new_column_name="rack", existing_type=sa.String(9))
    with op.batch_alter_table("books") as batch:
        batch.alter_column("rack", new_column_name="place", existing_type=sa.String(9))
    with op.batch_alter_table("books") as batch:
        batch.create_unique_constraint("uq_books_place", ["place"])"""
UNIQUE = """batch.alter_column("shelf", new_column_name="place", existing_type=sa.String(9))
    with op.batch_alter_table("books") as batch:
        batch.create_unique_constraint("uq_books_place", ["place"])"""
NO_MORE = """batch.drop_constraint("uq_books_place", type_="unique")
        batch.alter_column("place", new_column_name="shelf", existing_type=sa.String(9))"""


async def test_what_is_alike_is_told_apart_before_it_has_to_be_unique(lab: Lab) -> None:
    first, second = (
        lab.workspace.root / f"alembic/versions/{one}_shelves.py" for one in ("d" * 12, "e" * 12)
    )
    first.write_text(REVISION.format(up=ALIKE, down='batch.drop_column("shelf")'))
    later = REVISION.replace("d" * 12, "e" * 12).replace("c" * 12, "d" * 12)
    second.write_text(later.format(up=UNIQUE, down=NO_MORE))
    assert (await round_trip(lab.workspace, lab.child)).problems == ()
    second.write_text(later.format(up=IN_TWO_STEPS, down=NO_MORE))
    assert (await round_trip(lab.workspace, lab.child)).problems == ()
    made_alike = "op.execute(\"UPDATE books SET shelf = 'none'\")\n        "
    second.write_text(later.format(up=made_alike + UNIQUE, down=NO_MORE))
    trip = await round_trip(lab.workspace, lab.child)
    assert [problem.code for problem in trip.problems] == ["MIG040"]
    assert "UNIQUE constraint failed" in trip.problems[0].reason


async def test_the_values_are_compared_on_postgresql(lab: Lab, server: str) -> None:
    path = lab.workspace.root / "alembic/versions/dddddddddddd_values.py"
    path.write_text(REVISION.format(up=WIDER, down=NARROWER))
    assert (await round_trip(lab.workspace, lab.child, server)).problems == ()
    path.write_text(REVISION.format(up=AGAIN, down="pass"))
    trip = await round_trip(lab.workspace, lab.child, server)
    assert {problem.code for problem in trip.problems} == {"MIG045"}
    assert "books.signed was False and is True" in trip.problems[0].reason


NOTES = """revision = "dddddddddddd"
down_revision = "cccccccccccc"

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deletion_id", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("notes")
"""
PURGE = """revision = "eeeeeeeeeeee"
down_revision = "dddddddddddd"

from alembic import op


def upgrade() -> None:
    op.execute("DELETE FROM notes WHERE {condition}")


def downgrade() -> None:
    pass
"""


@pytest.mark.parametrize(
    ("condition", "codes"),
    [("deleted_at IS NOT NULL", []), ("deleted_at IS NULL", ["MIG042"]), ("deletion_id = 0", ["MIG042"])],
)
async def test_only_rows_that_are_marked_as_deleted_may_go(
    lab: Lab, condition: str, codes: list[str]
) -> None:
    versions = lab.workspace.root / "alembic/versions"
    (versions / "dddddddddddd_notes.py").write_text(NOTES)
    (versions / "eeeeeeeeeeee_purge.py").write_text(PURGE.format(condition=condition))
    trip = await round_trip(lab.workspace, lab.child)
    assert [problem.code for problem in trip.problems] == codes


async def test_two_heads_are_named_with_a_way_out(lab: Lab) -> None:
    lab.load("two_heads")
    with pytest.raises(KitError) as caught:
        await round_trip(lab.workspace, lab.child)
    (problem,) = caught.value.problems
    assert problem.code == "MIG001"
    assert "cccccccccccc" in problem.reason
    assert "dddddddddddd" in problem.reason
    assert "down_revision" in problem.hint


async def test_an_environment_that_ignores_its_connection_never_reaches_the_real_database(lab: Lab) -> None:
    lab.edit("alembic/env.py", 'context.config.attributes.get("connection")', "None")
    lab.edit("alembic/env.py", 'context.config.attributes.get("database_url")', "None")
    lab.database.touch()
    trip = await round_trip(lab.workspace, lab.child)
    assert not trip.holds
    assert lab.query("SELECT name FROM sqlite_master") == []


@pytest.mark.parametrize(
    "server",
    [
        "postgresql+asyncpg://postgres@db.example.com/postgres",
        "postgresql+asyncpg:///postgres",
        "postgresql+asyncpg://127.0.0.1/postgres?dsn=postgresql://db.example.com/postgres",
        "mysql+asyncmy:///information_schema?read_default_group=client",
    ],
)
async def test_scratch_databases_are_made_on_this_machine_only(
    lab: Lab, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGHOST", "db.example.com")
    with pytest.raises(Refused) as caught:
        await round_trip(lab.workspace, lab.child, server)
    assert caught.value.problems[0].code == "MIG017"
