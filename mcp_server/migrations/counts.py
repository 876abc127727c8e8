"""Counts rows that an operation would touch. In the child only. None means: nobody can say."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    FromClause,
    and_,
    column,
    exists,
    func,
    literal_column,
    not_,
    select,
    table,
)
from sqlalchemy.exc import SQLAlchemyError

from mcp_server.migrations.foreseen import Foreseen


class Counts:
    """Questions to a connection, or to nothing at all (every answer is then None).

    `isolated`: the plan only reads this database. Questions are then put to the tables as the steps before will leave
    them, and a failed one may end the connection's transaction.
    """

    def __init__(self, connection: Connection | None, *, isolated: bool = False) -> None:
        self._connection = connection
        self._isolated = isolated
        self._foreseen = Foreseen(connection) if connection is not None and isolated else None

    def foresee(self, step: Callable[[Foreseen], None]) -> None:
        """Let a step happen before the next questions, where nothing happens by itself."""
        if self._foreseen is not None:
            with contextlib.suppress(SQLAlchemyError):  # a table that nobody knows has no rows to count
                step(self._foreseen)

    def _table(self, name: str) -> FromClause:
        return table(name) if self._foreseen is None else self._foreseen.table(name)

    def rows(self, name: str) -> int | None:
        return self._one(select(func.count()).select_from(self._table(name)))

    def nulls(self, name: str, of: str) -> int | None:
        return self._one(select(func.count()).select_from(self._table(name)).where(column(of).is_(None)))

    def values(self, name: str, of: str) -> int | None:
        return self._one(select(func.count()).select_from(self._table(name)).where(column(of).is_not(None)))

    def matching(self, name: str, condition: ColumnElement[bool]) -> int | None:
        """Rows that meet a condition about columns of this table."""
        return self._one(select(func.count()).select_from(self._table(name)).where(condition))

    def duplicates(self, name: str, of: Sequence[str]) -> int | None:
        """Rows beyond the first of each group of equal, non-null values."""
        columns: list[ColumnElement[Any]] = [column(one) for one in of]
        present = and_(*(one.is_not(None) for one in columns))
        groups = (
            select((func.count() - 1).label("extra"))
            .select_from(self._table(name))
            .where(present)
            .group_by(*columns)
            .having(func.count() > 1)
        ).subquery()
        return self._one(select(func.coalesce(func.sum(groups.c.extra), 0)))

    def violations(self, name: str, condition: str) -> int | None:
        """Rows for which the condition is false (unknown passes, as in a CHECK)."""
        broken = not_(literal_column(f"({condition})", Boolean))
        return self._one(select(func.count()).select_from(self._table(name)).where(broken))

    def orphans(self, name: str, of: Sequence[str], parent: str, keys: Sequence[str]) -> int | None:
        """Rows whose non-null reference leads to no row of `parent`."""
        child = select(*map(column, of)).select_from(self._table(name)).subquery("child")
        other = table(parent, *(column(one) for one in keys)).alias("parent")
        pairs = [child.c[ours] == other.c[theirs] for ours, theirs in zip(of, keys, strict=True)]
        missing = not_(exists(select(literal_column("1")).select_from(other).where(*pairs)))
        present = (child.c[one].is_not(None) for one in of)
        return self._one(select(func.count()).select_from(child).where(*present, missing))

    def _one(self, query: Any) -> int | None:
        if self._connection is None:
            return None
        try:
            return int(self._connection.execute(query).scalar_one())
        except SQLAlchemyError:
            if self._isolated:
                self._connection.rollback()
            return None
