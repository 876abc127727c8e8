"""The links of a `many` field are in a table that has the name of the field: what becomes of it when that changes."""

from collections.abc import Iterator, Mapping

from mcp_server.features.naming import link_table_name
from mcp_server.features.spec import FeatureSpec
from mcp_server.workspace.errors import Problem

Renames = Mapping[str, str]
"""Old to new names of fields."""


def lost_links(old: FeatureSpec, new: FeatureSpec, renames: Renames) -> Iterator[Problem]:
    """EXT010 for each rename that no table can follow."""
    for name, to in renames.items():
        before, after, there = old.field(name), new.field(to), old.field(to)
        if before is None or after is None or not before.is_links:
            continue
        if not after.is_links or old.target_of(before) != new.target_of(after):
            reason = "its links would be lost: they lead elsewhere"
            hint = "Add the new field, and drop the old one when nobody needs its links"
        elif there is not None and there.is_links:
            reason, hint = f"the links of {to} have that name until this is through", "Do one after the other"
        else:
            continue
        yield Problem("EXT010", f"rename.{name}"[:100], reason, hint)


def moved_tables(old: FeatureSpec, new: FeatureSpec, renames: Renames) -> dict[str, str]:
    """Old to new names of the tables that follow."""
    pairs = ((old.field(name), new.field(to)) for name, to in renames.items())
    return {
        link_table_name(old.feature, one.name): link_table_name(new.feature, other.name)
        for one, other in pairs
        if one and other and one.is_links
    }
