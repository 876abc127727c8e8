"""What becomes of rows that were only marked as deleted, when a feature keeps such rows no longer."""

from collections.abc import Iterator, Sequence

from mcp_server.features.catalog import Catalog
from mcp_server.features.spec import FeatureSpec
from mcp_server.features.tables import tables_of
from mcp_server.schema.operations import DeleteMarked
from mcp_server.schema.table import Table

NOTE = (
    "rows that were only marked as deleted are deleted for good by the revision, or they would be there again"
)
_MARK = "deleted_at"

Path = tuple[tuple[str, str], ...]
"""Tables, each with the column by which it refers to the one before."""


def purge(old: FeatureSpec, new: FeatureSpec, catalog: Catalog) -> Iterator[DeleteMarked]:
    """The steps that delete them, before the mark goes: without it they would live again. `catalog` is that from before.

    What the database deletes along with them is deleted first, by name: SQLite migrates without foreign keys.
    """
    if new.soft_delete or not old.soft_delete:
        return
    specs = {old.feature: old} | {name: one.spec for name, one in catalog.features.items() if one.spec}
    tables = [table for spec in specs.values() for table in tables_of(spec, catalog)]
    for path in _paths(old.names.table, tables, ()):
        yield DeleteMarked(old.names.table, _MARK, path)
    yield DeleteMarked(old.names.table, _MARK)


def _paths(start: str, tables: Sequence[Table], path: Path) -> Iterator[Path]:
    """What leads from a table to those whose rows go along with its own, the farthest first.

    No table twice: chains within one table have no end. SQLite refuses the revision where one of them breaks.
    """
    end = path[-1][0] if path else start
    for table in tables:
        for column in table.columns:
            key = column.foreign_key
            seen = table.name in {start, *(name for name, _ in path)}
            if key and key.table == end and key.on_delete == "CASCADE" and not seen:
                longer = (*path, (table.name, column.name))
                yield from _paths(start, tables, longer)
                yield longer
