"""Whether the rows that a revision leaves keep their values. In the child only.

Rows are found again by their key, columns under their new name where they were renamed. What a revision sets by an UPDATE
of its own is its own business; anything else that becomes of a value is a loss that no count shows.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from alembic.operations.base import AbstractOperations
from alembic.operations.ops import AlterColumnOp
from sqlalchemy import Connection, event, inspect

from mcp_server.migrations.engines import is_mysql
from mcp_server.migrations.later import Rename, name_after
from mcp_server.migrations.recorder import replaced
from mcp_server.migrations.sql_tokens import tokens

ROWS = 100
"""Compared of a table: scratch databases have a few, and what a revision inserts itself."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    keys: tuple[str, ...]
    parents: frozenset[str]
    rows: tuple[dict[str, Any], ...]


class KeptValues:
    """Use `following` around a run, `begin` and `changed` around each revision, and `read` for tables that got rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[str, _Snapshot] = {}
        self._statements: list[str] = []
        self.renamed: list[Rename] = []

    @contextlib.contextmanager
    def following(self) -> Iterator[None]:
        """Listen to the statements of the connection and to the operations of Alembic."""
        event.listen(self._connection, "before_cursor_execute", self._sent)
        try:
            with replaced(AbstractOperations, "invoke", self._invoke):
                yield
        finally:
            event.remove(self._connection, "before_cursor_execute", self._sent)

    def begin(self) -> None:
        self._statements.clear()
        self.renamed.clear()

    def changed(self, tables: Iterable[str]) -> list[str]:
        """What the revision did to values without setting them. `tables` are those that there are now."""
        escapes = is_mysql(self._connection.dialect.name)
        said = [tokens(one, escapes=escapes) for one in self._statements]
        written = {pair for words in said for pair in _written(words)}
        touched = {word for words in said for word in words}
        there = set(tables)
        while more := {name for name, one in self._known.items() if one.parents & touched} - touched:
            touched |= more
        before = {name: self._known.pop(name) for name in touched & self._known.keys()}
        self.read(touched & there)
        found: list[str] = []
        for name in sorted(before.keys() & self._known.keys()):
            found += self._compared(name, before[name], self._known[name], written)
        return found

    def read(self, tables: Iterable[str]) -> None:
        """Remember the rows of these tables as they are."""
        begun = self._connection.in_transaction()
        inspector = inspect(self._connection)
        quote = self._connection.dialect.identifier_preparer.quote
        for name in tables:
            keys = tuple(inspector.get_pk_constraint(name)["constrained_columns"])
            parents = frozenset(one["referred_table"] for one in inspector.get_foreign_keys(name))
            order = f" ORDER BY {', '.join(map(quote, keys))}" if keys else ""
            query = f"SELECT * FROM {quote(name)}{order} LIMIT {ROWS}"  # noqa: S608 -- quoted names
            rows = self._connection.exec_driver_sql(query).mappings()
            self._known[name] = _Snapshot(keys, parents, tuple(dict(row) for row in rows))
        if not begun:
            self._connection.rollback()

    def _compared(
        self, table: str, old: _Snapshot, new: _Snapshot, written: set[tuple[str, str]]
    ) -> Iterator[str]:
        if not (old.rows and new.rows):
            return
        names = {name: name_after(self.renamed, table, name) for name in old.rows[0]}
        kept = {name: to for name, to in names.items() if to is not None and to in new.rows[0]}
        if not old.keys or not kept.keys() >= set(old.keys):
            return
        found_again = {tuple(row[kept[key]] for key in old.keys): row for row in new.rows}
        for name, to in kept.items():
            if {(table, name), (table, to)} & written:
                continue
            for row in old.rows:
                key = tuple(row[one] for one in old.keys)
                if key in found_again and not _same(row[name], found_again[key][to]):
                    place = f"{table}.{name}" if name == to else f"{table}.{name} (now {to})"
                    yield f"{place} was {row[name]!r} and is {found_again[key][to]!r}"
                    break

    def _sent(
        self, _connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
    ) -> None:
        self._statements.append(statement)

    def _invoke(self, original: Callable[..., Any], operations: Any, operation: Any) -> Any:
        if isinstance(operation, AlterColumnOp) and operation.modify_name:
            self.renamed.append((operation.table_name, operation.column_name, operation.modify_name))
        return original(operations, operation)


def _written(words: list[str]) -> Iterator[tuple[str, str]]:
    """Table and column of everything that an UPDATE sets."""
    if words[:1] != ["update"] or "set" not in words:
        return
    depth = 0
    for word, following in pairwise(words[words.index("set") + 1 :]):
        depth += (word == "(") - (word == ")")
        if word == "where" and not depth:
            return
        if following == "=" and not depth:
            yield words[1], word


def _same(old: Any, new: Any) -> bool:
    """Whether it is the same value, in another type of column perhaps."""
    if old == new or str(old) == str(new):
        return True
    if isinstance(old, bool) or isinstance(new, bool):
        return str(old).lower() == str(new).lower()
    if isinstance(old, int | float | Decimal) and isinstance(new, int | float | Decimal):
        return Decimal(str(old)) == Decimal(str(new))
    if isinstance(old, date) or isinstance(new, date):  # a day and its midnight
        one, other = sorted((str(old), str(new)), key=len)
        return other.startswith(one)
    return False
