"""Labels that get other names are renamed inside stored lists too, whatever else the lists hold."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import JSON, Connection, Text, cast, column, insert, literal, select, table

from mcp_server.schema.difference import steps
from mcp_server.schema.table import Column, ColumnType, Table
from tests.mcp_server.migrations.changes import OnDatabase, create, empty, run, written
from tests.mcp_server.migrations.test_write import ruff

KEY = Column("id", ColumnType("int"), primary_key=True)
PARCELS = Table("parcels", (KEY, Column("steps", ColumnType("json"), nullable=True)))
PAIRS = {"open": 'isn\'t "paid"', "ü": "b\\", '5"': "50%"}
LISTS: list[tuple[Any, Any]] = [
    (["open", "late", "open"], ['isn\'t "paid"', "late", 'isn\'t "paid"']),
    (["Open", "re-open", "opened", "\\", ",", 'x"open', 'x"open"'], None),
    (["\\", "open", "ü", 'is "ü'], ["\\", 'isn\'t "paid"', "b\\", 'is "ü']),
    (['5"', '25"', "5%", "5_"], ["50%", '25"', "5%", "5_"]),
    (["a\\", "open\\", "late"], None),
    ([], None),
    (None, None),
]
"""A stored list, and what becomes of it; None: nothing."""
AS_TEXT = [
    ('["open","ü" ,\n"late"]', [PAIRS["open"], PAIRS["ü"], "late"]),
    ('["\\u0022open\\u0022", "open"]', ['"open"', PAIRS["open"]]),
]
"""Lists as others than Python may write them, and what becomes of them."""


def rows_of(connection: Connection) -> list[Any]:
    parcels = table("parcels", column("id"), column("steps", JSON()))
    found = [row.steps for row in connection.execute(select(parcels).order_by(parcels.c.id))]
    connection.rollback()
    return found


def there_and_back(connection: Connection) -> None:
    empty(connection)
    create(connection, [PARCELS])
    parcels = table("parcels", column("id"), column("steps", JSON(none_as_null=True)))
    before = [one for one, _ in LISTS]
    rows = [{"id": number, "steps": one} for number, one in enumerate(before, 1)]
    connection.execute(insert(parcels), rows)
    connection.commit()
    revision = written(steps(PARCELS, PARCELS, relabelled={"steps": PAIRS}))
    assert ruff("format", "--diff", text=revision) == ""
    after = [one if then is None else then for one, then in LISTS]
    for way, expected in (("upgrade", after), ("downgrade", before), ("upgrade", after)):
        run(connection, revision, way)
        assert rows_of(connection) == expected


def written_by_others(connection: Connection) -> None:
    empty(connection)
    create(connection, [PARCELS])
    kind = Text().with_variant(JSON(), "postgresql")
    for number, (before, _) in enumerate(AS_TEXT, 1):
        values = {"id": number, "steps": cast(literal(before, Text()), kind)}
        connection.execute(insert(table("parcels", column("id"), column("steps"))).values(values))
    connection.commit()
    run(connection, written(steps(PARCELS, PARCELS, relabelled={"steps": PAIRS})), "upgrade")
    assert rows_of(connection) == [after for _, after in AS_TEXT]


@pytest.mark.parametrize("case", [there_and_back, written_by_others])
async def test_labels_in_lists_on_every_database(
    on_database: OnDatabase, case: Callable[[Connection], None]
) -> None:
    await on_database(case)
