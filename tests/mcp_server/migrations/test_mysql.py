"""Plan and apply on a MySQL server: SQL written offline, rows counted, and no way back out of a revision that fails."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from mcp_server.migrations.apply import apply
from mcp_server.migrations.drift import drift
from mcp_server.migrations.plan import plan
from mcp_server.migrations.results import MigrationPlan
from mcp_server.migrations.round_trip import round_trip
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.errors import KitError
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.migrations.lab import Lab
from tests.mcp_server.migrations.test_drift import CHANGES

NAME = f"kit_{secrets.token_hex(4)}_test"
PARTIAL = "the predicate of an index"
DIES_AFTER_A_TABLE = """

import os
from sqlalchemy import Connection, event

@event.listens_for(Connection, "after_cursor_execute", named=True)
def die(statement, conn, **_):
    if "UPDATE alembic_version" in statement:
        os._exit(9)
"""


class Sql:
    """Statements on a database, each committed."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    async def __call__(self, statement: str) -> Any:
        async with self._engine.begin() as connection:
            result = await connection.execute(text(statement))
            return result.scalar() if result.returns_rows else None


@pytest.fixture
async def database(lab: Lab, mysql_server: str) -> AsyncIterator[Sql]:
    """An empty database that the lab's settings point to."""
    engine = create_async_engine(mysql_server)
    await Sql(engine)(f"CREATE DATABASE {NAME}")
    url = mysql_server.rpartition("/")[0] + f"/{NAME}"
    lab.load(url=url)
    inside = create_async_engine(url)
    yield Sql(inside)
    await inside.dispose()
    await Sql(engine)(f"DROP DATABASE {NAME}")
    await engine.dispose()


async def planned(lab: Lab) -> MigrationPlan:
    return await plan(lab.workspace, lab.child, prove=False)


async def migrated(lab: Lab, database: Sql) -> None:
    await apply(lab.workspace, lab.child, (await planned(lab)).token)
    await database("INSERT INTO authors (name) VALUES ('Ada'), ('Bob')")
    await database(
        "INSERT INTO books (title, price, status, author_id) VALUES ('One', 1, 'draft', 1), ('Two', 2, 'draft', 2)"
    )


def add(lab: Lab, body: str) -> None:
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    (lab.workspace.root / "alembic/versions/dddddddddddd_more.py").write_text(
        '"""more"""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\n'
        f'revision = "dddddddddddd"\ndown_revision = "cccccccccccc"\n\n\ndef upgrade() -> None:\n{lines}\n'
    )


async def test_plan_and_apply(lab: Lab, database: Sql) -> None:
    made = await planned(lab)
    assert (made.target.engine, made.target.class_) == ("mysql", "disposable")
    assert "CREATE TABLE books" in made.sql
    assert "SET SESSION lock_wait_timeout = 5" in made.sql
    assert "stays half applied" in made.notes[0]
    assert await database("SHOW TABLES") is None
    done = await apply(lab.workspace, lab.child, made.token)
    assert done.after == ("cccccccccccc",)
    assert await database("SELECT version_num FROM alembic_version") == "cccccccccccc"
    assert (await planned(lab)).notes == ()


async def test_verdicts_know_copies_of_tables_and_rows(lab: Lab, database: Sql) -> None:
    await migrated(lab, database)
    add(
        lab,
        """
op.create_index("ix_books_price", "books", ["price"])
op.create_index("ix_books_status", "books", ["status"], unique=True)
op.create_unique_constraint("uq_books_title", "books", ["title"])
op.create_check_constraint("ck_books_sold", "books", "sold > 0")
op.create_check_constraint("ck_books_cheap", "books", '"price" < 100')
op.create_foreign_key("fk_books_sold", "books", "authors", ["sold"], ["id"])
op.alter_column("books", "sequel_of_id", existing_type=sa.Integer(), nullable=False)
op.alter_column("books", "sold", existing_type=sa.Integer(), existing_nullable=False, type_=sa.BigInteger())
op.alter_column("books", "title", existing_type=sa.String(200), existing_nullable=False, type_=sa.String(300))
op.alter_column("books", "title", existing_type=sa.String(60), existing_nullable=False, type_=sa.String(70))
op.alter_column("books", "title", existing_type=sa.String(200), existing_nullable=False, type_=sa.String(2))
op.add_column("books", sa.Column("isbn", sa.String(13), nullable=False))
op.add_column("books", sa.Column("code", sa.String(36), server_default=sa.func.uuid()))
op.add_column("books", sa.Column("pages", sa.Integer(), server_default="0", nullable=False))
op.drop_column("books", "signed")
""",
    )
    made = await planned(lab)
    found = [(one.operation, one.verdict, one.rows) for one in made.revisions[0].judgements]
    assert found == [
        ("create_index ix_books_price", "safe", 2),
        ("create_index ix_books_status", "may_fail", 1),
        ("add_constraint uq_books_title", "safe", 0),
        ("add_constraint ck_books_sold", "may_fail", 2),
        ("add_constraint ck_books_cheap", "rewrites", 0),
        ("add_constraint fk_books_sold", "may_fail", 2),
        ("alter_column books.sequel_of_id", "may_fail", 2),
        ("alter_column books.sold", "rewrites", 2),
        ("alter_column books.title", "safe", 2),
        ("alter_column books.title", "rewrites", 2),
        ("alter_column books.title", "may_fail", 2),
        ("add_column books.isbn", "may_fail", 2),
        ("add_column books.code", "rewrites", 2),
        ("add_column books.pages", "safe", 2),
        ("drop_column books.signed", "loses_data", 2),
    ]


async def test_a_revision_that_reads_is_rehearsed_on_a_scratch_database(lab: Lab, database: Sql) -> None:
    await migrated(lab, database)
    add(
        lab,
        """
found = op.get_bind().execute(sa.select(sa.column("id")).select_from(sa.table("authors"))).scalars().all()
op.add_column("authors", sa.Column("number", sa.Integer(), server_default=str(len(found))))
""",
    )
    made = await planned(lab)
    assert "ALTER TABLE authors ADD COLUMN number" in made.sql


async def test_a_failure_tells_the_statement_and_what_stays(lab: Lab, database: Sql) -> None:
    await migrated(lab, database)
    add(lab, 'op.create_table("shops", sa.Column("id", sa.Integer()))\nop.drop_table("nothing")')
    made = await planned(lab)
    with pytest.raises(KitError) as caught:
        await apply(lab.workspace, lab.child, made.token)
    problem = caught.value.problems[0]
    assert problem.code == "MIG021"
    assert "is now at cccccccccccc" in problem.reason
    assert (
        "revision dddddddddddd stopped at: DROP TABLE nothing. Done, and not undone: CREATE TABLE shops"
        in (problem.reason)
    )
    assert "undo that by hand" in problem.hint
    assert await database("SELECT count(*) FROM shops") == 0
    again = await planned(lab)
    assert [(one.code, "CREATE TABLE shops" in one.reason) for one in again.problems] == [("MIG022", True)]


async def test_a_failure_before_anything_was_done(lab: Lab, database: Sql) -> None:
    await migrated(lab, database)
    add(lab, 'op.drop_table("nothing")')
    made = await planned(lab)
    with pytest.raises(KitError) as caught:
        await apply(lab.workspace, lab.child, made.token)
    assert "Done, and not undone: nothing" in caught.value.problems[0].reason
    assert caught.value.problems[0].hint == "Mend the revision and plan again"
    assert (await planned(lab)).problems == ()


async def test_an_apply_that_was_killed_is_told_by_the_next_plan(lab: Lab, database: Sql) -> None:
    await migrated(lab, database)
    add(lab, 'op.create_table("shops", sa.Column("id", sa.Integer()))')
    made = await planned(lab)
    file = lab.workspace.root / "app/models/__init__.py"
    sound = file.read_text()
    file.write_text(sound + DIES_AFTER_A_TABLE)
    with pytest.raises(KitError):
        await apply(lab.workspace, lab.child, made.token)
    file.write_text(sound)
    problem = (await planned(lab)).problems[0]
    assert problem.code == "MIG022"
    assert "Done, and not undone: CREATE TABLE shops" in problem.reason


async def test_sound_revisions_pass_and_agree(lab: Lab, mysql_server: str) -> None:
    trip = await round_trip(lab.workspace, lab.child, mysql_server)
    assert trip.problems == ()
    assert trip.engine == "mysql"
    assert (trip.tables, trip.rows) == (2, 4)
    assert await drift(lab.workspace, lab.child, mysql_server) == ()


async def test_this_repository_holds(real: tuple[Workspace, WarmChild], mysql_server: str) -> None:
    trip = await round_trip(*real, mysql_server)
    assert trip.problems == ()
    assert await drift(*real, mysql_server) == ()


@pytest.mark.parametrize(
    ("what", "old", "new", "kind", "place"),
    [change for change in CHANGES if change[0] != PARTIAL],  # MySQL has no partial indexes
    ids=[change[0] for change in CHANGES if change[0] != PARTIAL],
)
async def test_a_difference_is_found(
    lab: Lab, mysql_server: str, what: str, old: str, new: str, kind: str, place: str
) -> None:
    lab.edit_models(old, new)
    found = await drift(lab.workspace, lab.child, mysql_server)
    assert any(one.kind == kind and place in one.place for one in found), found
