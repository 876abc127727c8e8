"""Written changes do what they say on databases with rows: up, down and up again."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import Connection, StaticPool, create_engine

from mcp_server.migrations.scratch import on_scratch_server
from mcp_server.schema.difference import steps
from mcp_server.schema.fill import Constant
from mcp_server.schema.table import Check, Column, ColumnType, ForeignKey, Index, Table, Unique
from tests.mcp_server.migrations.changes import there_and_back, written
from tests.mcp_server.migrations.test_write import ruff
from tests.mcp_server.schema.pairs import Pair, pairs

QUICK = settings(
    deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Connection]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect() as connection:
        yield connection


def unchanged(pair: Pair) -> dict[str, str]:
    """Old to new name of the columns whose values must survive: nothing was filled or relabelled in them."""
    targets = {column.name: column for column in pair.new.columns}
    taken = set(pair.renamed.values())
    return {
        column.name: to
        for column in pair.old.columns
        if column.name in pair.renamed or column.name not in taken
        if (to := pair.renamed.get(column.name, column.name)) in targets
        if to not in pair.relabelled and column.nullable <= targets[to].nullable
    }


@settings(QUICK, max_examples=40)
@given(pairs())
def test_random_changes_are_written_as_the_formatter_and_the_linter_want_them(pair: Pair) -> None:
    text = written(steps(pair.old, pair.new, renamed=pair.renamed, relabelled=pair.relabelled))
    assert ruff("format", "--diff", text=text) == ""
    assert ruff("check", text=text) == ""


@settings(QUICK, max_examples=100)
@given(pairs())
def test_random_changes_keep_rows_both_ways(sqlite: Connection, pair: Pair) -> None:
    operations = steps(pair.old, pair.new, renamed=pair.renamed, relabelled=pair.relabelled)
    there_and_back(sqlite, pair.old, pair.new, operations, rows=1, same=unchanged(pair))


async def test_random_changes_keep_rows_on_postgresql(server: str) -> None:
    await asyncio.to_thread(on_scratch_server, server, random_changes)


def random_changes(connection: Connection) -> None:
    @settings(QUICK, max_examples=20)
    @given(pairs())
    def check(pair: Pair) -> None:
        operations = steps(pair.old, pair.new, renamed=pair.renamed, relabelled=pair.relabelled)
        there_and_back(connection, pair.old, pair.new, operations, rows=1, same=unchanged(pair))

    check()


INT, MONEY, NAME = (
    ColumnType("int"),
    ColumnType("decimal", precision=8, scale=2),
    ColumnType("string", length=50),
)
KEY = Column("id", INT, primary_key=True)
CATEGORIES = Table("categories", (KEY, Column("name", NAME)))
OLD = Table(
    "products",
    (
        KEY,
        Column("name", NAME),
        Column("price", MONEY, nullable=True),
        Column("status", ColumnType("enum", length=9, values=("draft", "live", "gone")), check="ck_status"),
        Column("code", NAME),
        Column("seen", ColumnType("datetime")),
        Column("weight", INT),
        Column("notes", ColumnType("string", length=20), nullable=True),
    ),
    (Unique("uq_products_code", ("code",)),),
    (Check("ck_products_price_ge", "price >= 0"), Check("ck_products_weight_gt", "weight > 0")),
    (Index("ix_products_price_seen", ("price", "-seen")),),
)
NEW = Table(
    "products",
    (
        KEY,
        Column("name", replace(NAME, length=200)),
        Column("cost", MONEY),
        Column(
            "status",
            ColumnType("enum", length=12, values=("draft", "active", "discontinued")),
            check="ck_status",
        ),
        Column("weight", ColumnType("bigint")),
        Column("notes", ColumnType("text"), nullable=True),
        Column("stock", INT),
        Column("title", NAME),
        Column("slug", NAME),
        Column("summary", ColumnType("text")),
        Column("token", ColumnType("uuid")),
        Column("on_sale", ColumnType("bool")),
        Column("data", ColumnType("json")),
        Column("from_day", ColumnType("date")),
        Column("opens", ColumnType("time")),
        Column("updated_at", ColumnType("datetime")),
        Column("image", ColumnType("bytes")),
        Column(
            "category_id",
            INT,
            foreign_key=ForeignKey("categories", "id", "RESTRICT", "fk_products_category_id"),
        ),
        Column(
            "parent_id",
            INT,
            nullable=True,
            foreign_key=ForeignKey("products", "id", "CASCADE", "fk_products_parent"),
        ),
    ),
    (Unique("uq_products_slug", ("slug",)), Unique("uq_products_token", ("token",))),
    (Check("ck_products_cost_ge", "cost >= 0"), Check("ck_products_weight_gt", "weight > 0")),
    (
        Index("ix_products_cost", ("cost",)),
        Index("ix_products_category_id", ("category_id",)),
        Index("ix_products_parent_id", ("parent_id",)),
    ),
)


def test_rows_keep_their_values_and_get_new_ones(sqlite: Connection) -> None:
    everything_at_once(sqlite)


async def test_rows_keep_their_values_and_get_new_ones_on_postgresql(server: str) -> None:
    await asyncio.to_thread(on_scratch_server, server, everything_at_once)


async def test_rows_keep_their_values_and_get_new_ones_on_mysql(mysql_server: str) -> None:
    await asyncio.to_thread(on_scratch_server, mysql_server, everything_at_once)


def everything_at_once(connection: Connection) -> None:
    operations = steps(
        OLD,
        NEW,
        renamed={"price": "cost"},
        relabelled={"status": {"live": "active", "gone": "discontinued"}},
        fills={"title": Constant("it's 50 % :new"), "weight": Constant(1)},
    )
    same = {"name": "name", "price": "cost", "weight": "weight", "notes": "notes"}
    rows = there_and_back(connection, OLD, NEW, operations, rows=2, same=same, beside=[CATEGORIES])
    assert [row["status"] for row in rows] == ["draft", "active"]
    assert [row["slug"] for row in rows] == ["1", "2"]
    assert [(row["title"], row["stock"], row["category_id"]) for row in rows] == [
        ("it's 50 % :new", 0, 1)
    ] * 2
    assert len({row["token"] for row in rows}) == 2
