"""What becomes of rows that were only marked as deleted, when a feature keeps such rows no longer."""

from collections.abc import Iterator

from mcp_server.features.catalog import Catalog
from mcp_server.features.spec import FeatureSpec
from mcp_server.features.tables import tables_of
from mcp_server.schema.operations import DeleteMarked

NOTE = (
    "rows that were only marked as deleted are deleted for good by the revision, or they would be there again"
)
_MARK = "deleted_at"


def purge(old: FeatureSpec, new: FeatureSpec, catalog: Catalog) -> Iterator[DeleteMarked]:
    """The steps that delete them, before the mark goes: without it they would live again. `catalog` is the one of before.

    What the database deletes along with them is deleted first, by name: SQLite migrates without foreign keys.
    """
    if new.soft_delete or not old.soft_delete:
        return
    own = old.names.table
    specs = {old.feature: old} | {name: one.spec for name, one in catalog.features.items() if one.spec}
    for spec in specs.values():
        for table in tables_of(spec, catalog):
            for column in table.columns:
                key = column.foreign_key
                if key and key.table == own and key.on_delete == "CASCADE" and table.name != own:
                    yield DeleteMarked(own, _MARK, (table.name, column.name))
    yield DeleteMarked(own, _MARK)
