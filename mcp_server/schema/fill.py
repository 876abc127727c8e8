"""What the rows that exist get in a column that must not be null."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from math import ceil
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
    """Each row gets a value of its own: a number or text made from its primary key, or a random UUID.

    `offset` is added to a number.
    """

    key: str = "id"
    offset: int = 0


@dataclass(frozen=True, slots=True)
class FirstRow:
    """Each row refers to the row of `table` with the smallest `column`."""

    table: str
    column: str


Fill = Constant | Now | OwnKey | FirstRow

_NUMBERS = frozenset({"int", "bigint", "decimal", "float"})
_BOUND = re.compile(r'"?(?P<name>\w+)"? (?P<sign>>=|>|<=|<) (?P<bound>-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)')
"""A CHECK as specs write them."""
_DISTINCT = frozenset({"string", "text", "int", "bigint", "decimal", "float", "uuid"})
"""Types that can tell rows apart by their key."""
_NEUTRAL: dict[TypeName, Fill] = {
    "string": Constant(""),
    "text": Constant(""),
    "bool": Constant(False),
    "date": Now(),
    "datetime": Now(),
    "time": Constant(time(0)),
    "uuid": OwnKey(),
    "json": Constant({}),
    "bytes": Constant(b""),
}


def neutral_fill(table: Table, column: Column) -> Fill:
    """A value that says as little as possible and keeps the bounds of the column; a different one for each row where a
    unique rule speaks of it.

    It knows the CHECKs that compare the column with a number, as specs make them. Give a fill where another one refuses
    zero or the empty text, or an upper bound leaves too few values for a unique rule.
    """
    key = column.foreign_key
    if key is not None and key.table != table.name:
        return FirstRow(key.table, key.column)
    own = next((one.name for one in table.columns if one.primary_key), "id")
    if key is not None:
        return OwnKey(own)
    rules = [one.columns for one in table.uniques] + [one.columns for one in table.indexes if one.unique]
    words = {name.removeprefix("-") for rule in rules for name in rule}
    if column.name in words and column.type.name in _DISTINCT:
        return OwnKey(own, _offset(table, column))
    if column.type.name == "enum":
        return Constant(column.type.values[0])
    if column.type.name in _NUMBERS:
        return Constant(_number(table, column))
    return OwnKey(own) if column.type.name == "uuid" else _NEUTRAL[column.type.name]


def _offset(table: Table, column: Column) -> int:
    """What lifts the keys, which begin at 1, over a lower bound."""
    low, _ = _bounds(table, column)
    return max(0, ceil(low) - 1) if low is not None and column.type.name in _NUMBERS else 0


def _number(table: Table, column: Column) -> int | float | Decimal:
    """The number nearest to zero within the bounds."""
    low, high = _bounds(table, column)
    value = Decimal(0)
    if low is not None and low > 0:
        value = low
    elif high is not None and high < 0:
        value = high
    match column.type.name:
        case "decimal":
            return value
        case "float":
            return float(value)
        case _:
            return int(value)


def _bounds(table: Table, column: Column) -> tuple[Decimal | None, Decimal | None]:
    """The smallest and the largest value that the CHECKs of the table allow; None where there is no such bound."""
    found = [match for check in table.checks if (match := _BOUND.fullmatch(check.sql))]
    bounds = [(one["sign"], Decimal(one["bound"])) for one in found if one["name"] == column.name]
    low = max((bound for sign, bound in bounds if sign[0] == ">"), default=None)
    high = min((bound for sign, bound in bounds if sign[0] == "<"), default=None)
    step = _step(column, low, high)
    # Of two equal bounds the one that excludes itself is the stronger.
    return (
        low + step if low is not None and (">", low) in bounds else low,
        high - step if high is not None and ("<", high) in bounds else high,
    )


def _step(column: Column, low: Decimal | None, high: Decimal | None) -> Decimal:
    """How far the next value is; of floats one that leaves both bounds behind."""
    if column.type.name == "decimal":
        return Decimal(1).scaleb(-(column.type.scale or 0))
    if column.type.name == "float" and low is not None and high is not None:
        return min(Decimal(1), (high - low) / 2)
    return Decimal(1)
