"""Puts rows into every empty table of a scratch database, from its schema alone. In the child only.

A value per column that fits its type; where a CHECK refuses it, the literals of the check and their neighbours are tried.
"""

import itertools
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    column,
    func,
    insert,
    inspect,
    literal,
    literal_column,
    select,
    table,
    types,
)
from sqlalchemy.dialects.mysql import LONGBLOB, MEDIUMBLOB, TINYBLOB
from sqlalchemy.exc import SAWarning, SQLAlchemyError

from mcp_server.migrations.engines import is_mysql
from mcp_server.migrations.facts import VERSION_TABLE, read_facts
from mcp_server.migrations.sql_tokens import literals

_STORABLE = range(-(2**63), 2**63)
"""Integers that a driver accepts: beyond 64 bits it raises errors of its own, which no database is asked about."""
ROWS = 2
_ATTEMPTS = 400
_AT_ONCE = 100
"""Counts in one statement: SQLite takes at most 500 parts."""


class NoRow(Exception):
    """No row could be made for a table."""


def count_rows(connection: Connection) -> dict[str, int]:
    """Rows per table, Alembic's own left out. Ends the transaction it reads in, unless the caller had begun one."""
    begun = connection.in_transaction()
    names = [name for name in inspect(connection).get_table_names() if name != VERSION_TABLE]
    quote = connection.dialect.identifier_preparer.quote
    found: dict[str, int] = {}
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        counts = [f"SELECT {number}, count(*) FROM {quote(name)}" for number, name in enumerate(some)]  # noqa: S608
        found.update(
            (some[number], rows) for number, rows in connection.exec_driver_sql(" UNION ALL ".join(counts))
        )
    if not begun:
        connection.rollback()
    return found


def fill(connection: Connection, waiting: Sequence[str]) -> dict[str, int]:
    """Insert up to two rows into each of these empty tables and commit; the number per table. Raises NoRow."""
    if not waiting:
        return {}
    facts = read_facts(connection)
    inspector = inspect(connection)
    wanted: dict[str, Any] = {"filter_names": waiting}
    columns = {name: found for (_, name), found in inspector.get_multi_columns(**wanted).items()}
    keys = {name: found for (_, name), found in inspector.get_multi_foreign_keys(**wanted).items()}
    made: dict[str, int] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # SQLite stores decimals as floats: of no interest here
        for name in _parents_first(waiting, keys):
            checks = [value for what, value in facts[name].items() if what.startswith("check ")]
            made[name] = _fill(connection, name, columns[name], keys[name], checks)
    connection.commit()
    return made


def _parents_first(names: Sequence[str], keys: Mapping[str, Any]) -> Iterator[str]:
    waiting = dict.fromkeys(names)
    while waiting:
        ready = [
            name
            for name in waiting
            if all(
                key["referred_table"] == name or key["referred_table"] not in waiting for key in keys[name]
            )
        ]
        for name in ready or list(waiting)[:1]:  # a circle of references: start anywhere, with nulls
            del waiting[name]
            yield name


def _fill(connection: Connection, name: str, columns: Any, keys: Any, checks: Sequence[str]) -> int:
    """At least one row; a second one unless a constraint has no room for it."""
    target = table(name, *(column(one["name"], one["type"]) for one in columns))
    escapes = is_mysql(connection.dialect.name)
    for number in range(1, ROWS + 1):
        references = _references(connection, name, columns, keys, number)
        options = [
            [references[one["name"]]]
            if one["name"] in references
            else list(_candidates(one, checks, number, escapes=escapes))
            for one in columns
            if not one.get("computed")
        ]
        names = [one["name"] for one in columns if not one.get("computed")]
        error = _insert(connection, target, names, options)
        if (
            error is not None
        ):  # several columns may each need a value of their own: ask the database which fit
            fitting = [
                _fitting(connection, one, values, checks)
                for one, values in zip(
                    (one for one in columns if not one.get("computed")), options, strict=True
                )
            ]
            error = _insert(connection, target, names, fitting)
        if error is not None:
            if number == 1:
                raise NoRow(f"no row fits into {name}: {error}")
            return number - 1
    return ROWS


def _insert(
    connection: Connection, target: Any, names: Sequence[str], options: Sequence[Sequence[Any]]
) -> str | None:
    """Insert the first combination that the database accepts; the last error if it accepts none."""
    error = "there are no candidates"
    for values in itertools.islice(_combinations(options), _ATTEMPTS):
        try:
            with connection.begin_nested():
                connection.execute(insert(target).values(dict(zip(names, values, strict=True))))
        except SQLAlchemyError as refused:
            error = str(getattr(refused, "orig", None) or refused).partition("\n")[0]
        else:
            return None
    return error


def _fitting(
    connection: Connection, about: Any, values: Sequence[Any], checks: Sequence[str]
) -> Sequence[Any]:
    """The values that every check of this one column accepts; all of them where no check can be asked."""
    mentioned = [check for check in checks if about["name"] in check]
    found = [
        value for value in values if all(_accepts(connection, about, value, check) for check in mentioned)
    ]
    return found or values


def _accepts(connection: Connection, about: Any, value: Any, check: str) -> bool:
    """Whether a check accepts the value; a check that speaks of other columns too is not asked."""
    row = select(literal(value, about["type"]).label(about["name"])).subquery("one")
    try:
        with connection.begin_nested():
            refused = (
                select(func.count())
                .select_from(row)
                .where(~literal_column(f"({check.removeprefix('CHECK ')})"))
            )
            return connection.execute(refused).scalar_one() == 0
    except SQLAlchemyError:
        return True


def _combinations(options: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """First choices; then one column at a time; then all together."""
    first = [values[0] for values in options]
    yield tuple(first)
    for position, values in enumerate(options):
        for value in values[1:]:
            yield (*first[:position], value, *first[position + 1 :])
    yield from itertools.product(*options)


def _references(connection: Connection, name: str, columns: Any, keys: Any, number: int) -> dict[str, Any]:
    """A value for each column that refers to another row."""
    nullable = {one["name"]: one["nullable"] for one in columns}
    found: dict[str, Any] = {}
    for key in keys:
        ours, theirs = key["constrained_columns"], key["referred_columns"]
        parent = table(key["referred_table"], *(column(one) for one in theirs))
        query = select(*parent.c).order_by(*parent.c).limit(number)
        rows = connection.execute(query).all()
        if rows:
            found.update(zip(ours, rows[-1], strict=True))
        elif all(nullable[one] for one in ours):
            found.update(dict.fromkeys(ours))
        elif key["referred_table"] == name:
            found.update(dict.fromkeys(ours, number))  # the row refers to itself
        else:
            raise NoRow(f"{name} needs a row of {key['referred_table']}, which needs one of {name}")
    return found


def _candidates(  # noqa: PLR0912 -- one case per type
    about: Any, checks: Sequence[str], number: int, *, escapes: bool
) -> Iterator[Any]:
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
