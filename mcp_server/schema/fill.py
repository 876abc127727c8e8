"""What the rows that exist get in a column that must not be null."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from mcp_server.schema.table import Column, Table, TypeName

Value = (
    str | int | float | bool | Decimal | date | datetime | time | UUID | bytes | list[Any] | dict[str, Any]
)


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value for every row."""

    value: Value


@dataclass(frozen=True, slots=True)
class Now:
    """The moment of the migration, as the database tells it; of a date column the day."""


@dataclass(frozen=True, slots=True)
class OwnKey:
    """Each row gets a value of its own: a number or text made from its primary key, or a random UUID."""

    key: str = "id"


@dataclass(frozen=True, slots=True)
class FirstRow:
    """Each row refers to the row of `table` with the smallest `column`."""

    table: str
    column: str


Fill = Constant | Now | OwnKey | FirstRow

_DISTINCT = frozenset({"string", "text", "int", "bigint", "decimal", "float", "uuid"})
"""Types that can tell rows apart by their key."""
_NEUTRAL: dict[TypeName, Fill] = {
    "string": Constant(""),
    "text": Constant(""),
    "int": Constant(0),
    "bigint": Constant(0),
    "float": Constant(0.0),
    "decimal": Constant(Decimal(0)),
    "bool": Constant(False),
    "date": Now(),
    "datetime": Now(),
    "time": Constant(time(0)),
    "uuid": OwnKey(),
    "json": Constant({}),
    "bytes": Constant(b""),
}


def neutral_fill(table: Table, column: Column) -> Fill:
    """A value that says as little as possible, and a different one for each row where the column alone is unique.

    It knows the type and the uniqueness of the column, not its CHECKs: give a fill where zero or the empty text breaks one.
    """
    key = column.foreign_key
    if key is not None and key.table != table.name:
        return FirstRow(key.table, key.column)
    singles = [one.columns for one in table.uniques] + [one.columns for one in table.indexes if one.unique]
    own = OwnKey(next((one.name for one in table.columns if one.primary_key), "id"))
    if key is not None or ((column.name,) in singles and column.type.name in _DISTINCT):
        return own
    if column.type.name == "enum":
        return Constant(column.type.values[0])
    return own if column.type.name == "uuid" else _NEUTRAL[column.type.name]
