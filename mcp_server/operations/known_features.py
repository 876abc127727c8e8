"""The features a new one can refer to and collide with, as this workspace has them."""

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from mcp_server.changes import ledger
from mcp_server.features.catalog import USER, Catalog, KnownFeature
from mcp_server.features.inflection import pluralise
from mcp_server.features.load import load_spec
from mcp_server.inspection import source
from mcp_server.workspace.layout import Layout, layouts
from mcp_server.workspace.workspace import Workspace

if TYPE_CHECKING:
    from mcp_server.features.spec import FeatureSpec


def catalog_of(workspace: Workspace) -> Catalog:
    """Features the kit made, with their specs, and those that were written by hand, as far as their models show them."""
    known = {}
    for model in source.models(workspace):
        if model.feature != USER.name:
            known[model.feature] = KnownFeature(
                model.feature, pluralise(model.feature), model.table, model.name, referable=False
            )
    for entry in ledger.read(workspace).values():
        spec = spec_of(entry)
        known[spec.feature] = KnownFeature.of(spec, layout_of(workspace, entry))
    return Catalog.of(*known.values())


def spec_of(entry: ledger.Entry) -> "FeatureSpec":
    """The spec that a feature was last made from."""
    return _spec(json.dumps(entry.spec))


def layout_of(workspace: Workspace, entry: ledger.Entry) -> Layout:
    """Where the files of a feature are: the layout may have changed since it was made."""
    names = spec_of(entry).names
    made_in = (layout for layout in layouts(workspace.layout) if layout.path("model", names) in entry.files)
    return next(made_in, workspace.layout)


@lru_cache(maxsize=1024)
def _spec(document: str) -> "FeatureSpec":
    """Read once per content: a server is asked again and again about the same features."""
    return load_spec(json.loads(document))
