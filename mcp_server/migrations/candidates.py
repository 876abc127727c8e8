"""Values that fit the type of a column, and the literals of its CHECKs with their neighbours. In the child only."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import types
from sqlalchemy.dialects.mysql import LONGBLOB, MEDIUMBLOB, TINYBLOB

from mcp_server.migrations.sql_tokens import literals

_STORABLE = range(-(2**63), 2**63)
"""Integers that a driver accepts: beyond 64 bits it raises errors of its own, which no database is asked about."""


class NoRow(Exception):
    """No row could be made for a table."""


def candidates(  # noqa: PLR0912 -- one case per type
    about: Any, checks: Sequence[str], number: int, *, escapes: bool
) -> Iterator[Any]:
    """What to try in the column for the row of this number. Raises NoRow for a type that is not known.

    `escapes`: a backslash in the texts of the checks is one.
    """
    type_ = about["type"]
    mentioned = [literals(check, escapes=escapes) for check in checks if about["name"] in check]
    texts = [one for found, _ in mentioned for one in found]
    # A sign is an operator to the tokenizer: both sides of zero are tried.
    numbers = sorted({sign * Decimal(one) for _, found in mentioned for one in found for sign in (1, -1)})
    match type_:
        case types.Enum():
            yield from type_.enums[number - 1 :] + type_.enums[: number - 1]
        case types.Uuid():
            yield UUID(int=number) if type_.as_uuid else f"{number:032x}"
        case types.Boolean():
            yield from (number % 2 == 1, number % 2 == 0)
        case types.Integer():
            yield number
            near = dict.fromkeys(int(one) + step for one in numbers for step in (0, 1, -1))
            yield from (one for one in near if one in _STORABLE)
        case types.Numeric() | types.Float():
            smallest = Decimal(1).scaleb(-(type_.scale or 0))
            yield (
                number
                if type_.precision is None or type_.precision > (type_.scale or 0)
                else number * smallest
            )
            yield from dict.fromkeys(
                one + step for one in numbers for step in (0, smallest, -smallest, 1, -1)
            )
            yield from ((one + other) / 2 for one, other in itertools.pairwise(numbers))
        case types.DateTime():
            yield datetime(2000, 1, number, tzinfo=UTC if type_.timezone else None)
        case types.Date():
            yield date(2000, 1, number)
        case types.Time():
            yield time(number)
        case types.JSON():
            yield {"row": number}
        case types.LargeBinary() | TINYBLOB() | MEDIUMBLOB() | LONGBLOB():
            yield bytes([number])
        case types.String():
            rotated = texts[number - 1 :] + texts[: number - 1]
            yield from rotated
            yield from _strings(type_.length, [int(one) for one in numbers], number)
        case _ if about["nullable"]:
            yield None
        case _:
            raise NoRow(f"column {about['name']} has the type {type_}, for which no value is known")


def _strings(length: int | None, lengths: Sequence[int], number: int) -> Iterator[str]:
    if length == 32:  # SQLite's form of a UUID
        yield f"{number:032x}"
    for wanted in (0, *lengths, *(one + 1 for one in lengths)):
        value = f"{number}row".ljust(min(wanted, 10_000), "x")
        yield value if length is None else value[:length]
    if length is None:  # MariaDB keeps JSON as text with a CHECK
        yield f'{{"row": {number}}}'
