"""Changes of a column's type: every pair that is allowed goes up, down and up with rows; what has no place is counted."""

import asyncio
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy import column as column_
from sqlalchemy import table as table_
from sqlalchemy.types import BigInteger, Double, Integer, Numeric, String, Text, TypeEngine

from mcp_server.migrations.counts import Counts
from mcp_server.migrations.round_trip import round_trip
from mcp_server.migrations.scratch import on_scratch_server, on_sqlite
from mcp_server.migrations.type_changes import misfits
from mcp_server.migrations.write import write_revision
from mcp_server.schema.conversion import NUMBERS, converts
from mcp_server.schema.difference import steps
from mcp_server.schema.operations import CreateTable, SchemaOperation
from mcp_server.schema.table import Check, Column, ColumnType, Table
from tests.mcp_server.migrations.changes import OnDatabase, create, empty, there_and_back
from tests.mcp_server.migrations.lab import Lab

TYPES = {
    "word": ColumnType("string", length=5),
    "line": ColumnType("string", length=50),
    "address": ColumnType("string", length=500, ascii=True),
    "text": ColumnType("text"),
    "int": ColumnType("int"),
    "bigint": ColumnType("bigint"),
    "float": ColumnType("float"),
    "money": ColumnType("decimal", precision=12, scale=2),
    "share": ColumnType("decimal", precision=3, scale=1),
    "state": ColumnType("enum", values=("draft", "live", "gone")),
    "shown": ColumnType("enum", values=("live", "gone", "forgotten")),
    "bool": ColumnType("bool"),
    "date": ColumnType("date"),
    "datetime": ColumnType("datetime"),
    "time": ColumnType("time"),
    "uuid": ColumnType("uuid"),
    "json": ColumnType("json"),
    "bytes": ColumnType("bytes"),
}  # fmt: skip
CHANGES = [
    (one, other)
    for one, other in product(TYPES, TYPES)
    if one != other and converts(TYPES[one].name, TYPES[other].name)
]


def bounded(one: str, other: str, type_: ColumnType, number: int) -> Table:
    """A table for the change, with another bound before and after where the type has bounds."""
    name = f"{one}_to_{other}"
    columns = (Column("id", ColumnType("int"), primary_key=True), Column("value", type_, nullable=False))
    checks = (Check(f"ck_{name}", f"value >= {number}"),) if type_.name in NUMBERS else ()
    return Table(name, columns, checks=checks)


def load(lab: Lab, changes: list[tuple[str, str]]) -> None:
    """One revision that makes a table for each change, and one that changes them all."""
    old = [bounded(one, other, TYPES[one], 1) for one, other in changes]
    new = [bounded(one, other, TYPES[other], 10) for one, other in changes]
    found = [step for before, after in zip(old, new, strict=True) for step in steps(before, after)]
    made: list[SchemaOperation] = [CreateTable(table) for table in old]
    for revision, parent, operations in (
        ("dddddddddddd", "cccccccccccc", made),
        ("eeeeeeeeeeee", "dddddddddddd", found),
    ):
        text = write_revision(operations, message="change", down_revision=parent, revision=revision)
        (lab.workspace.root / f"alembic/versions/{revision}_change.py").write_text(text)


def test_all_pairs_are_those_that_are_known() -> None:
    assert len(CHANGES) == 66


async def test_every_change_goes_up_down_and_up_with_rows(lab: Lab) -> None:
    load(lab, CHANGES)
    trip = await round_trip(lab.workspace, lab.child)
    assert trip.problems == ()
    assert trip.tables == len(CHANGES) + 2


async def test_on_postgresql(lab: Lab, server: str) -> None:
    load(lab, CHANGES)
    trip = await round_trip(lab.workspace, lab.child, server)
    assert trip.problems == ()
    assert trip.tables == len(CHANGES) + 2


async def test_a_sample_on_mysql(lab: Lab, mysql_server: str) -> None:
    load(lab, CHANGES[::5])
    trip = await round_trip(lab.workspace, lab.child, mysql_server)
    assert trip.problems == ()


async def test_rows_fit_a_column_that_is_renamed_and_renamed_again(lab: Lab) -> None:
    """The rows of the first table know its last one."""
    names = ("status", "state", "phase")
    types = (TYPES["line"], TYPES["state"], TYPES["shown"])
    tables = [
        Table("orders", (Column("id", ColumnType("int"), primary_key=True), Column(name, type_)))
        for name, type_ in zip(names, types, strict=True)
    ]
    changes: list[list[SchemaOperation]] = [
        [CreateTable(tables[0])],
        list(steps(tables[0], tables[1], renamed={"status": "state"})),
        list(steps(tables[1], tables[2], renamed={"state": "phase"})),
    ]
    parent = "cccccccccccc"
    for letter, operations in zip("def", changes, strict=True):
        text = write_revision(operations, message="x", down_revision=parent, revision=letter * 12)
        (lab.workspace.root / f"alembic/versions/{letter * 12}_x.py").write_text(text)
        parent = letter * 12
    trip = await round_trip(lab.workspace, lab.child)
    assert trip.problems == ()


BAD: list[tuple[TypeEngine[Any], TypeEngine[Any], list[Any], list[Any]]] = [
    (String(50), String(3), ["abc", ""], ["abcd", "äöüß"]),
    (Text(), String(3), ["abc"], ["abcd"]),
    (String(50), Integer(), ["0", "-12", "2147483647"], ["", "abc", "007", "1.5", "2147483648", "-0", "9" * 30]),
    (Text(), BigInteger(), ["2147483648", "-9223372036854775808"], ["9223372036854775808", " 1"]),
    (Integer(), String(3), [999, -99], [1000, -100]),
    (BigInteger(), Integer(), [2**31 - 1, -(2**31)], [2**31, -(2**31) - 1]),
    (BigInteger(), Double(), [10**14], [10**15 + 1]),
    (BigInteger(), Numeric(12, 2), [10**9], [10**10]),
    (Numeric(12, 2), Numeric(4, 1), [Decimal("999.90")], [Decimal("1000.00"), Decimal("1.25")]),
    (Numeric(12, 2), Integer(), [Decimal("12.00")], [Decimal("1.50"), Decimal("9999999999.00")]),
    (Double(), Integer(), [3.0], [3.5, 1e12]),
    (Double(), Numeric(4, 1), [3.5], [3.25, 1e12]),
]  # fmt: skip
GOOD: list[tuple[TypeEngine[Any], TypeEngine[Any]]] = [
    (String(3), String(4)),
    (String(3), Text()),
    (Integer(), BigInteger()),
    (Integer(), Double()),
    (Integer(), Numeric(12, 2)),
    (BigInteger(), String(20)),
    (Numeric(8, 2), Numeric(9, 2)),
    (Numeric(8, 2), Double()),
]
NAMES: dict[type[Any], ColumnType] = {
    Text: ColumnType("text"),
    String: ColumnType("string", length=50),
    BigInteger: ColumnType("bigint"),
    Integer: ColumnType("int"),
    Numeric: ColumnType("decimal", precision=12, scale=2),
    Double: ColumnType("float"),
}


def count_misfits(connection: Connection) -> None:
    for old, new, fitting, others in BAD:
        empty(connection)
        key = Column("id", ColumnType("int"), primary_key=True)
        create(connection, [Table("things", (key, Column("value", NAMES[type(old)], nullable=True)))])
        things = table_("things", column_("id"), column_("value", old))
        values = [*fitting, *others, None]
        rows = [{"id": number, "value": value} for number, value in enumerate(values, 1)]
        connection.execute(insert(things), rows)
        connection.commit()
        counts = Counts(connection, isolated=True)
        kinds = misfits(connection.dialect.name, "value", old, new)
        assert kinds
        found = [counts.matching("things", kind.condition) for kind in kinds]
        assert None not in found, (old, new)
        assert sum(one or 0 for one in found) == len(others), (old, new, found)
        connection.rollback()


NUMERIC = [(one, other) for one, other in CHANGES if {TYPES[one].name, TYPES[other].name} <= NUMBERS]


def keep_a_bound(connection: Connection) -> None:
    """A CHECK that stays is the one that a new table would have."""
    for one, other in NUMERIC:
        old, new = (bounded(one, other, TYPES[name], 1) for name in (one, other))
        there_and_back(connection, old, new, steps(old, new), rows=2, same={"id": "id"})


def test_bounds_stay() -> None:
    on_sqlite(keep_a_bound)


async def test_bounds_stay_on_postgresql(server: str) -> None:
    await asyncio.to_thread(on_scratch_server, server, keep_a_bound)


async def test_values_without_a_place_are_counted(on_database: OnDatabase) -> None:
    await on_database(count_misfits)


@pytest.mark.parametrize(("old", "new"), GOOD, ids=str)
def test_wider_types_have_a_place_for_everything(old: TypeEngine[Any], new: TypeEngine[Any]) -> None:
    assert misfits("postgresql", "value", old, new) == []


def test_what_nobody_knows_is_not_called_safe() -> None:
    assert misfits("postgresql", "value", String(), Double()) is None
