"""A plan shows what would happen; only that is applied; a failure or a kill leaves a database that can be explained."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mcp_server.migrations.apply import KEPT_BACKUPS, apply
from mcp_server.migrations.draft import read_target
from mcp_server.migrations.plan import plan
from mcp_server.migrations.results import MigrationPlan
from mcp_server.workspace.errors import KitError, Refused
from tests.mcp_server.migrations.lab import Lab, make


async def planned(lab: Lab) -> MigrationPlan:
    return await plan(lab.workspace, lab.child, prove=False)


async def migrated(lab: Lab, *, rows: bool = True) -> None:
    """A database at the head of the sound project."""
    await apply(lab.workspace, lab.child, (await planned(lab)).token)
    if rows:
        lab.query("INSERT INTO authors (name) VALUES ('Ada'), ('Bob')")
        lab.query(
            "INSERT INTO books (title, price, status, author_id) VALUES ('One', 1, 'draft', 1), ('Two', 2, 'draft', 2)"
        )


def verdicts(made: MigrationPlan) -> dict[str, tuple[str, int | None]]:
    return {
        one.operation: (one.verdict, one.rows) for revision in made.revisions for one in revision.judgements
    }


async def test_a_whole_plan_and_its_apply(lab: Lab) -> None:
    made = await plan(lab.workspace, lab.child)
    assert (made.current, made.head, made.heads) == ((), "cccccccccccc", 1)
    assert made.target.class_ == "development"
    assert made.verdict == "safe"
    assert made.round_trip is not None
    assert made.round_trip.holds
    assert made.drift == ()
    assert made.problems == ()
    assert "CREATE TABLE books" in made.sql
    assert not lab.database.exists(), "planning writes nothing"

    done = await apply(lab.workspace, lab.child, made.token)
    assert done.after == ("cccccccccccc",)
    assert done.backup is None, "there was no file to copy"
    assert lab.query("SELECT version_num FROM alembic_version") == [("cccccccccccc",)]

    again = await planned(lab)
    assert (again.current, again.revisions, again.token) == (("cccccccccccc",), (), "")


async def test_the_name_of_the_folder_may_hold_signs_of_addresses(tmp_path: Path) -> None:
    lab = make(tmp_path / "#1 of it?mode=rw")
    lab.load(url="sqlite+aiosqlite:///app.db")
    try:
        await migrated(lab, rows=False)
        assert (await planned(lab)).current == ("cccccccccccc",)
    finally:
        await lab.child.close()


async def test_a_token_is_good_once(lab: Lab) -> None:
    token = (await planned(lab)).token
    await apply(lab.workspace, lab.child, token)
    with pytest.raises(Refused) as caught:
        await apply(lab.workspace, lab.child, token)
    assert caught.value.problems[0].code == "MIG011"


@pytest.mark.parametrize("token", ["0" * 32, "", "../../../etc/passwd", "../applying"])
async def test_made_up_tokens_are_refused(lab: Lab, token: str) -> None:
    with pytest.raises(Refused) as caught:
        await apply(lab.workspace, lab.child, token)
    assert caught.value.problems[0].code == "MIG011"


def _edit_a_revision(lab: Lab) -> None:
    lab.edit("alembic/versions/cccccccccccc_signed.py", "sa.false()", "sa.true()")


def _add_a_revision(lab: Lab) -> None:
    text = (lab.workspace.root / "alembic/versions/cccccccccccc_signed.py").read_text()
    text = text.replace("cccccccccccc", "eeeeeeeeeeee").replace("bbbbbbbbbbbb", "cccccccccccc")
    (lab.workspace.root / "alembic/versions/eeeeeeeeeeee_more.py").write_text(
        text.replace('"signed"', '"lent"')
    )


def _point_elsewhere(lab: Lab) -> None:
    lab.edit("app/core/config.py", "app.db", "app.db2")


def _make_a_database(lab: Lab) -> None:
    lab.query("CREATE TABLE x (y)")


@pytest.mark.parametrize("change", [_edit_a_revision, _add_a_revision, _point_elsewhere, _make_a_database])
async def test_whatever_changed_since_the_plan_refuses_it(lab: Lab, change: Callable[[Lab], None]) -> None:
    token = (await planned(lab)).token
    change(lab)
    with pytest.raises(Refused) as caught:
        await apply(lab.workspace, lab.child, token)
    assert caught.value.problems[0].code == "MIG012"
    assert not lab.database.exists() or lab.query("SELECT name FROM sqlite_master") in ([], [("x",)])


async def test_verdicts_count_the_rows_at_stake(lab: Lab) -> None:
    await migrated(lab)
    path = lab.workspace.root / "alembic/versions/dddddddddddd_careless.py"
    path.write_text(CARELESS)
    lab.query("UPDATE books SET sequel_of_id = 1 WHERE id = 2")
    made = await planned(lab)
    assert verdicts(made) == {
        "create_table shops": ("safe", 0),
        "create_index ix_shops_name": ("safe", 0),
        "create_table notes": ("safe", 0),
        "drop_table notes": ("safe", 0),
        "update books": ("rewrites", 2),
        "execute": ("loses_data", None),
        "drop_constraint fk_books_sequel_of_id": ("safe", None),
        "drop_column books.sequel_of_id": ("loses_data", 1),
        "alter_column books.title": ("loses_data", 2),
        "add_column books.isbn": ("safe", 2),
        "rebuild books": ("rewrites", 2),
        "create_index ix_books_status": ("may_fail", 1),
    }
    assert made.verdict == "loses_data"
    assert [problem.code for problem in made.problems] == ["MIG020"], "the unique index cannot be built"
    assert made.token == ""


FAILS = """revision = "dddddddddddd"
down_revision = "cccccccccccc"

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.add_column("authors", sa.Column("born", sa.Date(), nullable=True))
    op.create_index("ux_books_status", "books", ["status"], unique=True)
    with op.batch_alter_table("books") as books:
        books.drop_column("sold")
    op.drop_table("books"){end}
"""


@pytest.mark.parametrize("end", ["", "\n    raise RuntimeError"])
async def test_the_step_that_fails_is_named_and_the_rest_is_listed(lab: Lab, end: str) -> None:
    await migrated(lab)
    (lab.workspace.root / "alembic/versions/dddddddddddd_fails.py").write_text(FAILS.format(end=end))
    made = await planned(lab)
    unrehearsed = "not rehearsed, because a step before it fails"
    (revision,) = made.revisions
    assert [(one.operation, one.reason) for one in revision.judgements] == [
        ("add_column authors.born", "existing rows get null or the constant default"),
        ("create_index ux_books_status", "fails in the rehearsal: duplicates make it fail"),
        ("drop_column books.sold", unrehearsed),
        ("drop_table books", unrehearsed),
        *([("the rest", unrehearsed)] if end else []),
    ]
    assert "UNIQUE constraint failed: books.status" in made.problems[0].reason
    assert "DROP" not in revision.sql
    assert made.token == ""


async def test_a_batch_change_keeps_children_and_copies_the_file_before(lab: Lab) -> None:
    await migrated(lab)
    (lab.workspace.root / "alembic/versions/dddddddddddd_longer.py").write_text(LONGER)
    made = await planned(lab)
    assert verdicts(made)["rebuild authors"] == ("rewrites", 2)
    done = await apply(lab.workspace, lab.child, made.token)
    assert lab.query("SELECT count(*) FROM books") == [(2,)], (
        "ON DELETE CASCADE must not fire while rebuilding"
    )
    assert done.backup is not None
    assert (lab.workspace.root / done.backup).stat().st_size > 0


async def test_the_last_copies_of_each_database_are_kept(lab: Lab) -> None:
    folder = lab.workspace.scratch / "backups"
    folder.mkdir()
    stamps = [f"2026010{number}T000000000000-base.db" for number in range(KEPT_BACKUPS)]
    kept = {f"{name}-{stamp}" for name in ("app", "app-old") for stamp in stamps} - {f"app-{stamps[0]}"}
    for name in {*kept, f"app-{stamps[0]}"}:
        (folder / name).touch()
    lab.database.touch()
    done = await apply(lab.workspace, lab.child, (await planned(lab)).token)
    assert done.backup is not None
    assert {each.name for each in folder.iterdir()} == {*kept, Path(done.backup).name}


async def test_a_revision_that_fails_changes_nothing_and_says_so(lab: Lab) -> None:
    await migrated(lab)
    lab.load_revisions("fails_late")
    made = await planned(lab)
    with pytest.raises(KitError) as caught:
        await apply(lab.workspace, lab.child, made.token)
    first = caught.value.problems[0]
    assert first.code == "MIG021"
    assert "the shop is closed" in first.reason
    assert "is now at cccccccccccc" in first.reason
    assert lab.query("SELECT count(*) FROM sqlite_master WHERE name = 'shops'") == [(0,)], "rolled back whole"
    assert (await planned(lab)).problems == ()


async def test_a_killed_apply_is_whole_or_nothing_and_leaves_a_copy(lab: Lab) -> None:
    await migrated(lab)
    lab.load_revisions("dies")
    made = await planned(lab)
    with pytest.raises(KitError) as caught:
        await apply(lab.workspace, lab.child, made.token)
    problem = caught.value.problems[0]
    assert problem.code == "MIG021"
    assert ".kit/scratch/backups/" in problem.hint
    assert lab.query("SELECT version_num FROM alembic_version") == [("cccccccccccc",)]
    assert lab.query("SELECT count(*) FROM sqlite_master WHERE name = 'shops'") == [(0,)]
    assert lab.query("PRAGMA integrity_check") == [("ok",)]
    (copy,) = (lab.workspace.root / ".kit/scratch/backups").glob("*.db")
    assert copy.name.endswith("cccccccccccc.db")


async def test_an_apply_cut_off_half_way_is_told_by_the_next_plan(lab: Lab) -> None:
    """The kit itself was killed between two revisions: the note it left behind is all there is."""
    await migrated(lab)
    note = lab.workspace.scratch / "applying.json"
    note.write_text(
        '{"database": "app.db", "from": ["x"], "to": "dddddddddddd", "backup": ".kit/scratch/backups/b.db"}'
    )
    (problem,) = (await planned(lab)).problems
    assert problem.code == "MIG022"
    assert "is now at cccccccccccc" in problem.reason
    assert ".kit/scratch/backups/b.db" in problem.hint
    note.write_text(note.read_text().replace("app.db", "another.db"))
    assert (await planned(lab)).problems == (), "it says nothing of this database"


async def test_a_protected_database_is_planned_but_never_changed(lab: Lab) -> None:
    lab.load(environment="production")
    made = await planned(lab)
    assert made.target.class_ == "protected"
    with pytest.raises(Refused) as caught:
        await apply(lab.workspace, lab.child, made.token)
    assert caught.value.problems[0].code == "MIG010"
    assert not lab.database.exists()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+asyncpg:///shop?host=db.example.com",
        "postgresql+asyncpg:///shop?dsn=postgresql://db.example.com/shop",
        "mysql+asyncmy:///shop?read_default_file=/etc/my.cnf",
        "mysql+asyncmy:///shop?read_default_group=client",
    ],
)
async def test_an_address_that_leads_elsewhere_by_a_parameter_is_protected(lab: Lab, url: str) -> None:
    lab.load(url=url)
    assert (await read_target(lab.workspace, lab.child)).class_ == "protected"


async def test_a_database_of_another_branch_is_named(lab: Lab) -> None:
    await migrated(lab)
    lab.query("UPDATE alembic_version SET version_num = 'f00'")
    with pytest.raises(KitError) as caught:
        await planned(lab)
    assert caught.value.problems[0].code == "MIG014"


async def test_a_server_that_is_not_there_is_named(lab: Lab) -> None:
    lab.load(url="postgresql+asyncpg://postgres@127.0.0.1:1/shop_test")
    with pytest.raises(KitError) as caught:
        await planned(lab)
    assert caught.value.problems[0].code == "MIG016"


CARELESS = '''"""everything at once"""

import sqlalchemy as sa
from alembic import op

revision = "dddddddddddd"
down_revision = "cccccccccccc"


def upgrade() -> None:
    op.create_table("shops", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.String(9)))
    op.create_index("ix_shops_name", "shops", ["name"], unique=True)
    op.create_table("notes", sa.Column("id", sa.Integer(), primary_key=True))
    op.drop_table("notes")
    books = sa.table("books", sa.column("sold", sa.Integer()))
    op.execute(books.update().values(sold=1))
    op.get_bind().execute(sa.text("UPDATE books SET sold = 2"))
    with op.batch_alter_table("books") as batch:
        batch.drop_constraint("fk_books_sequel_of_id", type_="foreignkey")
        batch.drop_column("sequel_of_id")
        batch.alter_column("title", existing_type=sa.String(200), type_=sa.String(2))
        batch.add_column(sa.Column("isbn", sa.String(13), nullable=True))
    op.create_index("ix_books_status", "books", ["status"], unique=True)
'''

LONGER = '''"""longer names"""

import sqlalchemy as sa
from alembic import op

revision = "dddddddddddd"
down_revision = "cccccccccccc"


def upgrade() -> None:
    with op.batch_alter_table("authors") as batch:
        batch.alter_column("name", existing_type=sa.String(100), type_=sa.String(150))
'''
