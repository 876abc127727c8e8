"""What a plan says about written changes: columns are counted under the names that the database knows them by."""

from typing import Any

from mcp_server.migrations.apply import apply
from mcp_server.migrations.plan import plan
from mcp_server.migrations.write import write_revision
from mcp_server.schema.difference import steps
from mcp_server.schema.table import Check, Column, ColumnType, Table, Unique
from tests.mcp_server.migrations.lab import Lab

INT = ColumnType("int")
KEY = Column("id", INT, primary_key=True)


def status(*labels: str) -> Column:
    return Column("status", ColumnType("enum", length=9, values=labels))


OLD = Table(
    "books",
    (
        KEY,
        Column("title", ColumnType("string", length=200)),
        Column("price", ColumnType("decimal", precision=10, scale=2)),
        Column("sequel_of_id", INT, nullable=True),
        status("draft", "published"),
    ),
    checks=(Check("ck_books_price", "price >= 0"),),
)
NEW = Table(
    "books",
    (
        KEY,
        Column("name", ColumnType("string", length=2)),
        Column("cost", ColumnType("decimal", precision=12, scale=2)),
        Column("sequel_of_id", INT),
        Column("pages", INT),
        Column("token", ColumnType("uuid")),
        status("published"),
    ),
    uniques=(Unique("uq_books_name", ("name",)), Unique("uq_books_pages", ("pages",))),
    checks=(Check("ck_books_cost", "cost > 1"), Check("ck_books_pages", "pages >= 0")),
)


async def judged(lab: Lab) -> list[tuple[str, str, int | None]]:
    operations = steps(OLD, NEW, renamed={"title": "name", "price": "cost"})
    text = write_revision(operations, message="change", down_revision="cccccccccccc", revision="dddddddddddd")
    (lab.workspace.root / "alembic/versions/dddddddddddd_change.py").write_text(text)
    made = await plan(lab.workspace, lab.child, prove=False)
    return [(one.operation, one.verdict, one.rows) for one in made.revisions[-1].judgements]


async def with_rows(lab: Lab) -> None:
    """Three books at the head of the sound project."""
    await apply(lab.workspace, lab.child, (await plan(lab.workspace, lab.child, prove=False)).token)


ROWS = (
    "INSERT INTO books (title, price, status, author_id) VALUES ('One', 1, 'draft', 1), ('Two', 2, 'draft', 1),"
    " ('II', 3, 'published', 1)"
)


async def test_on_sqlite(lab: Lab) -> None:
    await with_rows(lab)
    lab.query("INSERT INTO authors (name) VALUES ('Ada')")
    lab.query(ROWS)
    assert await judged(lab) == [
        ("drop_constraint ck_books_status", "safe", None),
        ("drop_constraint ck_books_price", "safe", None),
        ("rebuild books", "rewrites", 3),
        ("alter_column books.title", "safe", 3),
        ("alter_column books.price", "safe", 3),
        ("add_column books.pages", "safe", 3),
        ("add_column books.token", "safe", 3),
        ("update books", "rewrites", 3),
        ("update books", "rewrites", 3),
        ("alter_column books.pages", "safe", 3),
        ("alter_column books.token", "safe", 3),
        ("alter_column books.name", "loses_data", 2),
        ("alter_column books.cost", "safe", 3),
        ("alter_column books.sequel_of_id", "safe", 3),
        ("add_constraint uq_books_name", "safe", 0),
        ("add_constraint uq_books_pages", "safe", 0),
        ("add_constraint ck_books_status", "may_fail", 2),
        ("add_constraint ck_books_cost", "may_fail", 1),
        ("add_constraint ck_books_pages", "safe", 0),
        ("rebuild books", "may_fail", 3),  # as it does in the rehearsal
    ]


async def test_on_postgresql(lab: Lab, database: Any) -> None:
    """Nothing runs there: the columns are counted as the steps before would leave them."""
    await with_rows(lab)
    await database.execute("INSERT INTO authors (name) VALUES ('Ada')")
    await database.execute(ROWS)
    assert await judged(lab) == [
        ("drop_constraint ck_books_status", "safe", None),
        ("drop_constraint ck_books_price", "safe", None),
        ("alter_column books.title", "safe", 3),
        ("alter_column books.price", "safe", 3),
        ("add_column books.pages", "safe", 3),
        ("add_column books.token", "safe", 3),
        ("update books", "rewrites", 3),
        ("update books", "rewrites", 3),
        ("alter_column books.pages", "locks", 0),
        ("alter_column books.token", "locks", 0),
        ("alter_column books.name", "may_fail", 2),
        ("alter_column books.cost", "safe", 3),
        ("alter_column books.sequel_of_id", "locks", 0),
        ("add_constraint uq_books_name", "locks", 0),
        ("add_constraint uq_books_pages", "locks", 0),
        ("add_constraint ck_books_status", "may_fail", 2),
        ("add_constraint ck_books_cost", "may_fail", 1),
        ("add_constraint ck_books_pages", "locks", 0),
    ]
