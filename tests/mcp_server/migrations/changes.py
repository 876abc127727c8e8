"""Runs written revisions on a connection and looks at what became of the rows."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, MetaData, text

import app.core.sqlite_batch  # noqa: F401 -- as alembic/env.py does
from mcp_server.migrations.facts import Facts, read_facts
from mcp_server.migrations.rows import fill
from mcp_server.migrations.strict_compare import differences
from mcp_server.migrations.write import write_revision
from mcp_server.schema.operations import CreateTable, SchemaOperation
from mcp_server.schema.table import Table

OnDatabase = Callable[[Callable[[Connection], None]], Awaitable[None]]
"""Runs something on an empty database."""


def written(operations: Sequence[SchemaOperation]) -> str:
    return write_revision(operations, message="change", down_revision=None, revision="eeeeeeeeeeee")


def run(connection: Connection, revision: str, way: str) -> None:
    """The function `way` of the revision, in a transaction of its own."""
    namespace: dict[str, Any] = {}
    exec(compile(revision, "revision", "exec"), namespace)  # noqa: S102 -- our own text, as Alembic would load it
    with Operations.context(MigrationContext.configure(connection)):
        namespace[way]()
    connection.commit()


def create(connection: Connection, tables: Iterable[Table]) -> Facts:
    """Make the tables; what the database then says about them."""
    run(connection, written([CreateTable(table) for table in tables]), "upgrade")
    return read_facts(connection)


def empty(connection: Connection) -> None:
    """Drop every table, children first."""
    metadata = MetaData()
    metadata.reflect(connection)
    metadata.drop_all(connection)
    connection.commit()


def values(connection: Connection, table: str) -> list[dict[str, Any]]:
    quote = connection.dialect.identifier_preparer.quote
    found = connection.execute(text(f"SELECT * FROM {quote(table)} ORDER BY id"))  # noqa: S608
    rows = [dict(row) for row in found.mappings()]
    connection.rollback()
    return rows


def there_and_back(
    connection: Connection,
    old: Table,
    new: Table,
    operations: Sequence[SchemaOperation],
    *,
    rows: int,
    same: dict[str, str],
    beside: Sequence[Table] = (),
) -> list[dict[str, Any]]:
    """Up, down and up again on `rows` rows: the schemas are those of the tables, and the columns of `same` keep their values.

    `beside` are other tables, with rows too. The rows as they are in the end.
    """
    empty(connection)
    wanted = create(connection, [*beside, new])
    empty(connection)
    given = create(connection, [*beside, old])
    fill(connection, [*(table.name for table in beside), old.name])
    quote = connection.dialect.identifier_preparer.quote
    connection.execute(text(f"DELETE FROM {quote(old.name)} WHERE id > {rows:d}"))  # noqa: S608
    connection.commit()
    before = values(connection, old.name)
    revision = written(operations)
    for way, schema, names in (
        ("upgrade", wanted, same),
        ("downgrade", given, {name: name for name in same}),
        ("upgrade", wanted, same),
    ):
        run(connection, revision, way)
        found = [str(one) for one in differences(read_facts(connection), schema)]
        assert not found, f"{way}: {found}\n{revision}"
        after = values(connection, old.name)
        assert len(after) == len(before)
        for one, other in zip(before, after, strict=True):
            assert {name: one[name] for name in same} == {name: other[to] for name, to in names.items()}, (
                revision
            )
    return after
