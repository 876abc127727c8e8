"""The step that gives a table another name."""

from dataclasses import replace

from mcp_server.schema.operations import RenameTable
from mcp_server.schema.table import Table


def rename_table(before: Table, after: Table) -> RenameTable:
    """The step between two tables of keys and indexes; ValueError where they differ in more than their names."""
    if before.uniques or before.checks or _nameless(before) != _nameless(after):
        raise ValueError(f"{before.name} and {after.name} differ in more than their names")
    return RenameTable(before, after)


def _nameless(table: Table) -> Table:
    """Without the names that follow that of the table."""
    columns = (
        replace(one, foreign_key=one.foreign_key and replace(one.foreign_key, name=""))
        for one in table.columns
    )
    indexes = tuple(replace(one, name="") for one in table.indexes)
    return replace(table, name="", columns=tuple(columns), indexes=indexes, primary_key="")
