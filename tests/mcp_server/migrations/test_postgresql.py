"""Plan and apply on a PostgreSQL server: SQL written offline, rows counted on the database, real locks and transactions."""

from typing import Any

import pytest

from mcp_server.migrations.apply import apply
from mcp_server.migrations.plan import plan
from mcp_server.migrations.results import MigrationPlan
from mcp_server.workspace.errors import KitError
from tests.mcp_server.migrations.lab import Lab


async def planned(lab: Lab) -> MigrationPlan:
    return await plan(lab.workspace, lab.child, prove=False)


async def migrated(lab: Lab, database: Any) -> None:
    await apply(lab.workspace, lab.child, (await planned(lab)).token)
    await database.execute("INSERT INTO authors (name) VALUES ('Ada'), ('Bob')")
    await database.execute(
        "INSERT INTO books (title, price, status, author_id) VALUES ('One', 1, 'draft', 1), ('Two', 2, 'draft', 2)"
    )


def revision(body: str) -> str:
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return (
        '"""more"""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\n'
        f'revision = "dddddddddddd"\ndown_revision = "cccccccccccc"\n\n\ndef upgrade() -> None:\n{lines}\n'
    )


def add(lab: Lab, body: str) -> None:
    (lab.workspace.root / "alembic/versions/dddddddddddd_more.py").write_text(revision(body))


async def test_plan_and_apply(lab: Lab, database: Any) -> None:
    made = await planned(lab)
    assert (made.target.engine, made.target.class_) == ("postgresql", "disposable")
    assert "CREATE TABLE books" in made.sql
    assert "SET lock_timeout" in made.sql
    assert await database.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    done = await apply(lab.workspace, lab.child, made.token)
    assert done.after == ("cccccccccccc",)
    assert await database.fetchval("SELECT version_num FROM alembic_version") == "cccccccccccc"


async def test_verdicts_know_locks_rewrites_and_rows(lab: Lab, database: Any) -> None:
    await migrated(lab, database)
    add(
        lab,
        """
op.create_index("ix_books_price", "books", ["price"])
op.create_index("ix_books_status", "books", ["status"], unique=True)
op.create_check_constraint("ck_books_sold", "books", "sold > 0")
op.create_check_constraint("ck_books_cheap", "books", "price < 100")
op.create_foreign_key("fk_books_sold", "books", "authors", ["sold"], ["id"])
op.alter_column("books", "sequel_of_id", existing_type=sa.Integer(), nullable=False)
op.alter_column("books", "sold", existing_type=sa.Integer(), type_=sa.BigInteger())
op.alter_column("books", "title", existing_type=sa.String(200), type_=sa.String(300))
op.add_column("books", sa.Column("isbn", sa.String(13), nullable=False))
op.add_column("books", sa.Column("code", sa.Uuid(), server_default=sa.func.gen_random_uuid()))
op.add_column("books", sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False))
op.drop_column("books", "sequel_of_id")
op.drop_column("books", "signed")
""",
    )
    made = await planned(lab)
    found = [(one.operation, one.verdict, one.rows) for one in made.revisions[0].judgements]
    assert found == [
        ("create_index ix_books_price", "locks", 2),
        ("create_index ix_books_status", "may_fail", 1),
        ("add_constraint ck_books_sold", "may_fail", 2),
        ("add_constraint ck_books_cheap", "locks", 0),
        ("add_constraint fk_books_sold", "may_fail", 2),
        ("alter_column books.sequel_of_id", "may_fail", 2),
        ("alter_column books.sold", "rewrites", 2),
        ("alter_column books.title", "safe", 2),
        ("add_column books.isbn", "may_fail", 2),
        ("add_column books.code", "rewrites", 2),
        ("add_column books.at", "safe", 2),
        ("drop_column books.sequel_of_id", "safe", 0),
        ("drop_column books.signed", "loses_data", 2),
    ]
    assert made.verdict == "loses_data"


async def test_a_revision_that_reads_is_rehearsed_on_a_scratch_database(lab: Lab, database: Any) -> None:
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


async def test_a_failure_rolls_its_revision_back(lab: Lab, database: Any) -> None:
    await migrated(lab, database)
    add(lab, 'op.create_table("shops", sa.Column("id", sa.Integer()))\nop.drop_table("nothing")')
    made = await planned(lab)
    with pytest.raises(KitError) as caught:
        await apply(lab.workspace, lab.child, made.token)
    assert caught.value.problems[0].code == "MIG021"
    assert "is now at cccccccccccc" in caught.value.problems[0].reason
    assert await database.fetchval("SELECT to_regclass('shops')") is None


async def test_a_migration_does_not_wait_for_a_lock_for_ever(lab: Lab, database: Any) -> None:
    await migrated(lab, database)
    lab.edit("alembic/env.py", "LOCK_TIMEOUT_SECONDS = 5", "LOCK_TIMEOUT_SECONDS = 0.05")
    add(lab, 'op.add_column("books", sa.Column("x", sa.Integer()))')
    made = await planned(lab)
    async with database.transaction():
        await database.execute("LOCK TABLE books IN ACCESS SHARE MODE")
        with pytest.raises(KitError) as caught:
            await apply(lab.workspace, lab.child, made.token)
    assert "lock timeout" in caught.value.problems[0].reason
