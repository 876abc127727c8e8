"""What Alembic's batch mode forgets when it copies a SQLite table: descending index columns, colons in conditions, order.

It keeps constraints and indexes in sets, so that each process would write other SQL for the same revision, and the token
of a plan would be void at once.

Importing this module replaces Alembic's implementation for SQLite. Only `alembic/env.py` does.
"""

import re
from typing import Any

from alembic.ddl.sqlite import SQLiteImpl
from sqlalchemy import CheckConstraint, Index, Table, TextClause, text
from sqlalchemy.util import set_creation_order

_COLON = re.compile(r"(?<![:\w\\]):(?=\w)")
"""What `text` takes for the name of a parameter."""
_DIRECTIONS = text(
    """SELECT i.name, c.name, c.desc FROM pragma_index_list(:table) i, pragma_index_xinfo(i.name) c
    WHERE i.origin = 'c' AND c.key ORDER BY i.name, c.seqno"""
)


class SQLiteBatchImpl(SQLiteImpl):
    __dialect__ = "sqlite"

    def prep_table_for_batch(self, batch_impl: Any, table: Table) -> None:
        """Called by Alembic when the new table is described and before it is made."""
        super().prep_table_for_batch(batch_impl, table)
        for constraint in sorted(batch_impl.new_table.constraints, key=_place):
            set_creation_order(constraint)  # CREATE TABLE lists them in it
            if isinstance(constraint, CheckConstraint):
                constraint.sqltext = _literal(constraint.sqltext)
        assert self.connection is not None  # noqa: S101 -- a table cannot be copied offline
        columns: dict[str, list[tuple[str, bool]]] = {}
        for index, column, descending in self.connection.execute(_DIRECTIONS, {"table": table.name}):
            columns.setdefault(index, []).append((column, bool(descending)))
        reflected, batch_impl.indexes = batch_impl.indexes, {}
        for name, index in sorted(reflected.items()):
            directed = [
                table.c[column].desc() if descending else table.c[column]
                for column, descending in columns[name]
            ]
            options = {option: _literal(value) for option, value in index.kwargs.items()}
            batch_impl.indexes[name] = Index(name, *directed, unique=index.unique, **options)


def _place(constraint: Any) -> tuple[str, list[str]]:
    return str(constraint.name or ""), list(constraint.columns.keys())


def _literal(condition: Any) -> Any:
    """The condition without parameters: the database told it, so it has none."""
    if isinstance(condition, TextClause) and condition.compile().params:
        return text(_COLON.sub(r"\\:", condition.text))
    return condition
