"""Rows that are alike where a revision is about to make columns unique become different, as people would make them first.

How many rows of a real database are alike there is counted by the plan. In the child only.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, TableClause, Update, and_, column, func, inspect, select, table, update
from sqlalchemy.exc import SQLAlchemyError

from mcp_server.migrations.facts import read_facts
from mcp_server.migrations.rows import Becomes, choices

Group = tuple[str, tuple[str, ...]]
"""A table, and columns of it that are unique together."""


def tell_apart(connection: Connection, groups: Iterable[Group], becomes: Becomes) -> set[str]:
    """Give alike rows other values in one of the columns, and commit; the tables that were changed.

    Columns of `groups` that are not there yet get their values from the revision itself.
    """
    changed = {name for name, group in groups if _told_apart(connection, name, group, becomes)}
    connection.commit()
    return changed


def _told_apart(connection: Connection, name: str, group: Sequence[str], becomes: Becomes) -> bool:
    inspector = inspect(connection)
    columns = inspector.get_columns(name) if inspector.has_table(name) else []
    about = [one for one in columns if one["name"] in group]
    target = table(name, *(column(one["name"], one["type"]) for one in columns))
    if len(about) < len(group) or not _alike(connection, target, group):
        return False
    keys = [target.c[one] for one in inspector.get_pk_constraint(name)["constrained_columns"]]
    checks = [value for what, value in read_facts(connection)[name].items() if what.startswith("check ")]
    references = [
        one for one in inspector.get_foreign_keys(name) if {*one["constrained_columns"]} <= {*group}
    ]
    rows = connection.execute(select(*keys).order_by(*keys)).all()
    choice = [
        choices(connection, name, about, references, checks, number, becomes)
        for number in range(1, len(rows) + 1)
    ]
    for one in group:
        for row, values in zip(rows, choice, strict=True):
            here = and_(*(key == value for key, value in zip(keys, row, strict=True)))
            _set(connection, update(target).where(here), one, values[one])
        if not _alike(connection, target, group):
            break
    return True


def _alike(connection: Connection, target: TableClause, group: Iterable[str]) -> bool:
    """Whether two rows have the same in these columns; nulls are never the same."""
    these = [target.c[one] for one in group]
    query = select(func.count()).where(*(one.is_not(None) for one in these)).group_by(*these)
    return connection.execute(query.having(func.count() > 1).select_from(target).limit(1)).first() is not None


def _set(connection: Connection, change: Update, name: str, values: Iterable[Any]) -> None:
    """The first of the values that the database accepts; none where it accepts none."""
    for value in values:
        try:
            with connection.begin_nested():
                connection.execute(change.values({name: value}))
        except SQLAlchemyError:
            continue
        return
