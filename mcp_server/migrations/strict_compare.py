"""Compares what the revisions build with what the models build, in the words of the database itself. In the child only.

Both sides are real databases: one migrated, one made from the metadata. What Alembic does not compare (labels and text of
checks, predicates, actions) is then compared like everything else. Alembic's own comparison is the cross-check.
"""

from collections import defaultdict
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData

from mcp_server.migrations.engines import engine_of
from mcp_server.migrations.facts import Facts, read_facts
from mcp_server.migrations.results import ABSENT, ONE_NAME_TWICE, Difference
from mcp_server.migrations.scratch import on_sqlite


def differences(migrated: Facts, modelled: Facts) -> list[Difference]:
    """Everything that differs, sorted; a missing table is one difference."""
    found = []
    for table in sorted(migrated.keys() | modelled.keys()):
        kind, _, name = table.rpartition(" ")
        if table not in migrated or table not in modelled:
            sides = ("it", ABSENT) if table in migrated else (ABSENT, "it")
            found.append(Difference(kind or "table", name, *sides))
            continue
        ours, theirs = migrated[table], modelled[table]
        for what in sorted(ours.keys() | theirs.keys()):
            before, after = ours.get(what, ABSENT), theirs.get(what, ABSENT)
            if before != after:
                kind, place = _place(table, what)
                found.append(Difference(kind, place, before, after))
    return found


def folded_names(metadata: MetaData) -> list[Difference]:
    """Constraints and indexes of one table that got one name: a database, or Alembic, silently keeps only one."""
    found = []
    for table in metadata.tables.values():  # sorting them warns where tables refer to each other
        groups: dict[str, list[str]] = defaultdict(list)
        items: list[Any] = [*table.constraints, *table.indexes]
        for item in items:
            if isinstance(item.name, str):
                columns = ", ".join(column.name for column in getattr(item, "columns", ()))
                groups[item.name].append(f"({columns})")
        found += [
            Difference(
                ONE_NAME_TWICE, f"{table.name}.{name}", "one of them at most", " and ".join(sorted(places))
            )
            for name, places in sorted(groups.items())
            if len(places) > 1
        ]
    return found


def reference(connection: Connection, metadata: MetaData) -> Facts:
    """The facts of a database made from the models, of the same kind as `connection`, whose tables this destroys."""
    if connection.dialect.name == "sqlite":
        return on_sqlite(lambda fresh: _create_all(fresh, metadata))
    for statement in engine_of(connection).empty:
        connection.exec_driver_sql(statement.format(name=connection.engine.url.database))
    connection.commit()
    return _create_all(connection, metadata)


def _create_all(connection: Connection, metadata: MetaData) -> Facts:
    metadata.create_all(connection)
    connection.commit()
    return read_facts(connection)


def cross_check(connection: Connection, metadata: MetaData) -> list[Difference]:
    """What Alembic's own comparison finds; the table is the place."""
    options = {"compare_type": True, "target_metadata": metadata}
    context = MigrationContext.configure(connection, opts=options)
    changes = compare_metadata(context, metadata)
    steps = (step for change in changes for step in (change if isinstance(change, list) else [change]))
    unseen = "see `alembic check`"
    found = [Difference(str(step[0]), _table_of(step), unseen, unseen) for step in steps]
    connection.rollback()
    return found


def _table_of(step: Any) -> str:
    for part in step[1:]:
        owner = getattr(part, "table", part)
        if hasattr(owner, "name") and hasattr(owner, "columns"):
            return str(owner.name)
    return next((str(part) for part in step[2:] if isinstance(part, str)), "?")


def _place(table: str, what: str) -> tuple[str, str]:
    """`column price` of `products` becomes ("column", "products.price")."""
    if table.startswith("type "):
        return "type", f"{table.removeprefix('type ')}.{what}"
    for kind in ("foreign key", "unique"):
        if what.startswith(f"{kind} "):
            return kind, table + what.removeprefix(f"{kind} ")
    if what == "primary key":
        return what, table
    kind, _, name = what.partition(" ")
    return kind, f"{table}.{name}" if name else table
