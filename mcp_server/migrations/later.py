"""What later revisions ask of the values of a column, so that rows are made that live through all of them.

In the child only.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, inspect, types

from mcp_server.migrations.facts import VERSION_TABLE, read_facts

Rename = tuple[str, str, str]
"""Table, old column, new column."""
_CHANGING: Final = ("alter_column", "create_check_constraint")
_MAKING_UNIQUE: Final = ("create_unique_constraint", "unique=True")


@dataclass(frozen=True, slots=True)
class Later:
    """A column as it will be; `checks` are all of its table."""

    name: str
    type: Any
    checks: Sequence[str]


@dataclass
class Future:
    """The columns after each revision that changes some, in the order of the revisions."""

    _renames: dict[str, list[Rename]] = field(default_factory=dict)
    _columns: dict[str, dict[tuple[str, str], Later]] = field(default_factory=dict)
    _unique: dict[str, set[tuple[str, tuple[str, ...]]]] = field(default_factory=dict)

    def note(self, revision: str, text: str, renames: Iterable[Rename], connection: Connection) -> None:
        """Remember the database as `revision`, whose file has this text, leaves it."""
        self._renames[revision] = list(renames)
        if _makes_unique(text):
            self._unique[revision] = set(_unique_groups(connection))
        if changes_columns(text):
            self._columns[revision] = dict(_columns(connection))
        connection.rollback()

    def of(self, revision: str, table: str, column: str) -> list[Later]:
        """What becomes of the column after `revision`, until it is dropped."""
        found: list[Later] = []
        order = list(self._renames)
        now: str | None = column
        for one in order[order.index(revision) + 1 :] if revision in order else ():
            now = now and name_after(self._renames[one], table, now)
            if now is None:
                break
            if one in self._columns:
                later = self._columns[one].get((table, now))
                if later is None:
                    break
                found.append(later)
        return found

    def unique(self, revision: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Tables with columns that are unique together after `revision`, which makes such, by their names before it."""
        for table, group in sorted(self._unique.get(revision, ())):
            yield table, tuple(_name_before(self._renames[revision], table, name) for name in group)


def _columns(connection: Connection) -> Iterator[tuple[tuple[str, str], Later]]:
    facts = read_facts(connection)
    for (_, table), columns in inspect(connection).get_multi_columns().items():
        if table != VERSION_TABLE:
            checks = [value for what, value in facts[table].items() if what.startswith("check ")]
            yield from (((table, one["name"]), Later(one["name"], one["type"], checks)) for one in columns)


def name_after(renames: Iterable[Rename], table: str, column: str) -> str | None:
    """What the column is called after these, in their order. None where another column took its name: it was dropped."""
    for place, old, new in renames:
        if place == table and old == column:
            column = new
        elif place == table and new == column:
            return None
    return column


def _name_before(renames: Sequence[Rename], table: str, column: str) -> str:
    """What the column was called before these, which are in their order."""
    for place, old, new in reversed(renames):
        if place == table and new == column:
            column = old
    return column


def _unique_groups(connection: Connection) -> Iterator[tuple[str, tuple[str, ...]]]:
    inspector = inspect(connection)
    for (_, table), constraints in inspector.get_multi_unique_constraints().items():
        yield from ((table, tuple(one["column_names"])) for one in constraints)
    for (_, table), indexes in inspector.get_multi_indexes().items():
        for index in indexes:
            names = tuple(name for name in index["column_names"] if name is not None)
            if index["unique"] and len(names) == len(index["column_names"]):
                yield table, names


def asks_of_rows(text: str) -> bool:
    """Whether a revision with this text may ask more of rows than the one before."""
    return changes_columns(text) or _makes_unique(text)


def changes_columns(text: str) -> bool:
    """Whether columns are others after a revision with this text, or have other checks."""
    return any(word in text for word in _CHANGING)


def _makes_unique(text: str) -> bool:
    return any(word in text for word in _MAKING_UNIQUE)


def brought_into(value: Any, type_: Any) -> Any:
    """The value in a column of the type. ValueError where it has no place there."""
    match type_:
        case types.String(length=length) if isinstance(value, str | int):
            if length is not None and len(str(value)) > length:
                raise ValueError(value)
            return str(value)
        case types.Integer():
            if (number := int(value)) != (int(value) if isinstance(value, str) else value):
                raise ValueError(value)
            if abs(number) >= 2 ** (63 if isinstance(type_, types.BigInteger) else 31):
                raise ValueError(value)
            return number
        case types.Numeric(precision=int() as precision, scale=int() as scale):
            exact = Decimal(str(value))
            if abs(exact) >= 10 ** (precision - scale) or round(exact, scale) != exact:
                raise ValueError(value)
            return exact
        case _:
            return value
