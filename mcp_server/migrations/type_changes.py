"""What a change of a column's type means for its rows: what it costs, and which values it has no place for.

In the child only. The pairs are those of `schema.conversion`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, case, cast, column, func, literal, not_, or_, true, types

from mcp_server.migrations.engines import is_mysql
from mcp_server.migrations.results import Verdict

_RANGES: Final = {True: 2**63, False: 2**31}
"""Of whole numbers, by whether they are big ones."""
_NUMERAL: Final = "^(0|-?[1-9][0-9]{0,18})$"
"""A whole number as databases write it; those with more digits have no room anywhere."""
_EXACT: Final = 15
"""Digits that a float keeps."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """The rows that meet `condition` have a value that the new type cannot take, because of `reason`.

    `refused`: a server fails there. Otherwise, and on SQLite, the column holds something else afterwards.
    """

    condition: ColumnElement[bool]
    reason: str
    refused: bool = True


def cost(dialect: str, old: Any, new: Any) -> Verdict:
    """What it takes to bring the rows into the new type."""
    if dialect == "sqlite":
        return "safe"
    match old, new:
        case types.String(), types.String():
            if is_mysql(dialect):
                return "rewrites" if _head_bytes(old.length) != _head_bytes(new.length) else "safe"
            return "safe" if _room(new) >= _room(old) else "locks"
        case types.Numeric(), types.Numeric() if dialect == "postgresql" and old.scale == new.scale:
            return "safe" if (new.precision or 0) >= (old.precision or 0) else "locks"
        case _:
            return "rewrites"


def misfits(dialect: str, name: str, old: Any, new: Any) -> list[Misfit] | None:
    """The kinds of values of the column `name` that would not survive; None where nobody can say."""
    match old, new:
        case types.String(), types.String():
            return list(_texts(dialect, column(name), _room(old), _room(new)))
        case types.Integer(), types.String():
            digits = 20 if isinstance(old, BigInteger) else 11
            return list(_texts(dialect, cast(column(name), types.String(20)), digits, _room(new)))
        case types.String(), types.Integer():
            return [_numerals(column(name, types.String()), big=isinstance(new, BigInteger))]
        case (
            types.Integer() | types.Numeric() | types.Float(),
            types.Integer() | types.Numeric() | types.Float(),
        ):
            return list(_numbers(dialect, column(name, old), old, new))
        case _:
            return None


def _texts(dialect: str, value: ColumnElement[Any], longest: float, room: float) -> Iterator[Misfit]:
    if room < longest:
        # MySQL's length() counts bytes; SQLite has no char_length().
        characters = (func.length if dialect == "sqlite" else func.char_length)(value)
        yield Misfit(characters > int(room), f"values of more than {room} characters")


def _room(type_: Any) -> float:
    return float("inf") if type_.length is None else type_.length


def _head_bytes(characters: int | None) -> int:
    """How many bytes MySQL keeps the length of such a text in: another number means another table."""
    return 4 if characters is None else 1 if 4 * characters < 256 else 2


def _numerals(text: ColumnElement[str], *, big: bool) -> Misfit:
    number = cast(text, types.Numeric(20, 0))
    outside = case((not_(text.regexp_match(_NUMERAL)), true()), else_=_outside(number, big=big))
    return Misfit(outside, f"texts that are no whole number of {64 if big else 32} bits")


def _outside(number: ColumnElement[Any], *, big: bool) -> ColumnElement[bool]:
    # Not BETWEEN: SQLite reads the largest number of 64 bits as a float, which is the first one outside.
    return or_(number < _decimal(-_RANGES[big]), number >= _decimal(_RANGES[big]))


def _numbers(dialect: str, value: ColumnElement[Any], old: Any, new: Any) -> Iterator[Misfit]:
    # PostgreSQL rounds no float to a number of digits.
    exact = cast(value, types.Numeric) if dialect == "postgresql" else value
    (whole, fraction), (room, places) = _digits(old), _digits(new)
    if isinstance(new, types.Float):
        if whole + fraction > _EXACT and not isinstance(old, types.Float):
            many = func.abs(value) >= _decimal(Decimal(10) ** int(_EXACT - fraction))
            yield Misfit(many, f"numbers of more than {_EXACT} digits", refused=False)
        return
    if isinstance(new, types.Integer):
        if room - 1 < whole:  # not every number of so many digits fits
            yield Misfit(_outside(exact, big=isinstance(new, BigInteger)), "numbers that are too large")
    elif room < whole:
        yield Misfit(func.abs(exact) >= _decimal(Decimal(10) ** int(room)), "numbers that are too large")
    if places < fraction:
        rounded = func.round(exact, int(places))
        yield Misfit(rounded != exact, f"numbers of more than {places} decimal places", refused=False)


def _digits(type_: Any) -> tuple[float, float]:
    """Before and after the point; a float may have any number."""
    match type_:
        case types.BigInteger():
            return 19, 0
        case types.Integer():
            return 10, 0
        case types.Numeric(precision=int() as precision, scale=int() as scale):
            return precision - scale, scale
        case _:
            return float("inf"), float("inf")


def _decimal(number: int | Decimal) -> ColumnElement[Decimal]:
    return literal(Decimal(number), types.Numeric())
