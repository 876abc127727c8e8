"""Puts rows into every empty table of a scratch database, from its schema alone. In the child only.

A value per column that fits its type; where a CHECK refuses it, the literals of the check and their neighbours are tried.
"""

import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import DecimalException
from typing import Any

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
)
from sqlalchemy.exc import SAWarning, SQLAlchemyError

from mcp_server.migrations.candidates import NoRow, candidates
from mcp_server.migrations.engines import is_mysql
from mcp_server.migrations.facts import VERSION_TABLE, read_facts
from mcp_server.migrations.later import Later, brought_into

ROWS = 2
_LIVING = {"deleted_at": None, "deletion_id": 0}
"""What the service keeps in rows that are not deleted, in tables where deletion only marks them."""
_ATTEMPTS = 400
_AT_ONCE = 100
"""Counts in one statement: SQLite takes at most 500 parts."""


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


Becomes = Callable[[str, str], Sequence[Later]]
"""Table and column to what later revisions make of it."""


def fill(
    connection: Connection, waiting: Sequence[str], becomes: Becomes = lambda _table, _column: ()
) -> dict[str, int]:
    """Insert up to two rows into each of these empty tables and commit; the number per table. Raises NoRow.

    The values are those that have a place in what the columns become, where there are such.
    """
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
            made[name] = _fill(connection, name, columns[name], keys[name], checks, becomes)
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


def _fill(
    connection: Connection, name: str, columns: Any, keys: Any, checks: Sequence[str], becomes: Becomes
) -> int:
    """At least one row; a second one unless a constraint has no room for it. None of them is marked as deleted."""
    marks = any(one["name"] == "deleted_at" and one["nullable"] for one in columns)
    living = _LIVING if marks else {}
    stored = [one for one in columns if not one.get("computed")]
    names = [one["name"] for one in stored]
    target = table(name, *(column(one["name"], one["type"]) for one in stored))
    for number in range(1, ROWS + 1):
        choice = choices(connection, name, stored, keys, checks, number, becomes)
        options = [[living[one]] if one in living else choice[one] for one in names]
        error = _insert(connection, target, names, options)
        if error is not None:
            # Several columns may each need a value of their own: ask the database which fit.
            fitting = [
                _fitting(connection, one, values, checks) for one, values in zip(stored, options, strict=True)
            ]
            error = _insert(connection, target, names, fitting)
        if error is not None:
            if number == 1:
                raise NoRow(f"no row fits into {name}: {error}")
            return number - 1
    return ROWS


def choices(
    connection: Connection,
    name: str,
    columns: Sequence[Any],
    keys: Any,
    checks: Sequence[str],
    number: int,
    becomes: Becomes,
) -> dict[str, Sequence[Any]]:
    """Values to try in each of these columns, in the row of this number (from 1). Raises NoRow."""
    references = _references(connection, name, columns, keys, number)
    return {
        one["name"]: [references[one["name"]]]
        if one["name"] in references
        else _options(connection, one, checks, number, becomes(name, one["name"]))
        for one in columns
    }


def _options(
    connection: Connection, about: Any, checks: Sequence[str], number: int, later: Sequence[Later]
) -> list[Any]:
    """Values to try in the column, first those that live through everything."""
    escapes = is_mysql(connection.dialect.name)
    found = list(candidates(about, checks, number, escapes=escapes))
    if not later:
        return found
    wanted = [
        value
        for one in later
        for value in candidates(
            {**about, "name": one.name, "type": one.type}, one.checks, number, escapes=escapes
        )
        if _becomes(value, about["type"]) is not None
    ]
    values = [*(_becomes(one, about["type"]) for one in wanted), *found]
    return sorted(values, key=lambda value: not all(_lives(connection, value, one) for one in later))


def _lives(connection: Connection, value: Any, later: Later) -> bool:
    then = _becomes(value, later.type)
    about = {"name": later.name, "type": later.type}
    return then is not None and all(
        _accepts(connection, about, then, check) for check in later.checks if later.name in check
    )


def _becomes(value: Any, type_: Any) -> Any:
    """The value in another type; None where it has no place there."""
    try:
        return brought_into(value, type_)
    except (ValueError, TypeError, DecimalException):
        return None


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
