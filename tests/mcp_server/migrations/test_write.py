"""Written revisions are formatted, clean, and build exactly the table they were given, on both databases."""

import ast
import subprocess
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from mcp_server.migrations.round_trip import round_trip
from mcp_server.migrations.write import file_name, write_revision
from mcp_server.schema.operations import CreateTable, DropTable
from mcp_server.schema.table import Check, Column, ColumnType, ForeignKey, Index, Table, Unique
from tests.mcp_server.migrations.lab import REPOSITORY, Lab
from tests.mcp_server.migrations.tables import tables

RUFF = REPOSITORY / ".venv" / "bin" / "ruff"

TABLE = Table(
    "order",
    (
        Column("id", ColumnType("int"), primary_key=True),
        Column("select", ColumnType("string", length=20)),
        Column("mood", ColumnType("enum", length=12, values=("it's", "a:b", "50 %", 'say "hi"'))),
        Column("ratio", ColumnType("float"), nullable=True),
        Column("data", ColumnType("json"), nullable=True),
        Column("image", ColumnType("bytes")),
        Column("seen", ColumnType("datetime")),
        Column("opens", ColumnType("time")),
        Column("day", ColumnType("date")),
        Column("token", ColumnType("uuid")),
        Column("big", ColumnType("bigint")),
        Column("paid", ColumnType("bool")),
        Column("site", ColumnType("string", length=2048, ascii=True)),
        Column("story", ColumnType("string", length=10_000)),
        Column("price", ColumnType("decimal", precision=12, scale=2)),
        Column(
            "parent_id",
            ColumnType("int"),
            nullable=True,
            foreign_key=ForeignKey("order", "id", "SET NULL", "fk_order_parent_id"),
        ),
    ),
    (Unique("uq_order_select_day", ("select", "day")),),
    (Check("ck_order_price_ge", "price >= 0"), Check("ck_order_colon", "\"select\" <> 'x :y'")),
    (Index("ix_order_select_seen", ("select", "-seen")), Index("ix_order_site", ("site",))),
    "pk_order",
)


def written(*operations: CreateTable | DropTable, parent: str | None = None) -> str:
    return write_revision(operations, message="create order", down_revision=parent, revision="eeeeeeeeeeee")


def ruff(*arguments: str, text: str) -> str:
    command = [str(RUFF), *arguments, "--stdin-filename", "alembic/versions/eeeeeeeeeeee_x.py", "-"]
    done = subprocess.run(  # noqa: S603 -- our own tool on our own text
        command, input=text, capture_output=True, text=True, cwd=REPOSITORY, check=False
    )
    return done.stdout if done.returncode else ""


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables())
def test_random_tables_are_written_as_the_formatter_and_the_linter_want_them(table: Table) -> None:
    text = written(CreateTable(table))
    assert ruff("format", "--diff", text=text) == ""
    assert ruff("check", text=text) == ""
    assert text == written(CreateTable(table)), "the same table gives the same bytes"


def test_dropping_is_creating_backwards() -> None:
    create, drop = ast.parse(written(CreateTable(TABLE))), ast.parse(written(DropTable(TABLE)))
    bodies = [
        {
            node.name: [ast.dump(one) for one in node.body]
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
        }
        for tree in (create, drop)
    ]
    assert bodies[0]["upgrade"] == bodies[1]["downgrade"]
    assert bodies[0]["downgrade"] == bodies[1]["upgrade"]


def test_names_of_files() -> None:
    assert file_name("abc", "Create products") == "abc_create_products.py"
    assert file_name("abc", "../../etc/passwd") == "abc_etc_passwd.py"
    assert file_name("abc", "!") == "abc.py"
    assert len(file_name("abc", "word " * 40)) <= len("abc_") + 40 + len(".py")


async def test_a_written_table_goes_up_and_down_with_rows(lab: Lab) -> None:
    await up_and_down(lab, None)


async def test_a_written_table_goes_up_and_down_with_rows_on_postgresql(lab: Lab, server: str) -> None:
    await up_and_down(lab, server)


async def up_and_down(lab: Lab, server: str | None) -> None:
    path = Path(lab.workspace.root / "alembic/versions/eeeeeeeeeeee_order.py")
    path.write_text(written(CreateTable(TABLE), parent="cccccccccccc"))
    trip = await round_trip(lab.workspace, lab.child, server)
    assert trip.problems == ()
    assert (trip.tables, trip.rows) == (3, 6)
