"""The features a new one can refer to and collide with, as this workspace has them."""

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from mcp_server.changes import ledger
from mcp_server.features.catalog import USER, Catalog, KnownFeature
from mcp_server.features.inflection import pluralise
from mcp_server.features.load import load_spec
from mcp_server.inspection import source
from mcp_server.workspace.workspace import Workspace

if TYPE_CHECKING:
    from mcp_server.features.spec import FeatureSpec


def catalog_of(workspace: Workspace) -> Catalog:
    """Features the kit made, with their specs, and those that were written by hand, as far as their models show them."""
    known = {}
    for model in source.models(workspace):
        name = model.module.rpartition(".")[2]
        if name == USER.name:
            continue
        known[name] = KnownFeature(
            name, pluralise(name), model.table, model.name, model.module, referable=False
        )
    for entry in ledger.read(workspace).values():
        spec = _spec(json.dumps(entry.spec))
        known[spec.feature] = KnownFeature.of(spec, workspace.layout.module("model", spec.names))
    return Catalog.of(*known.values())


@lru_cache(maxsize=1024)
def _spec(document: str) -> "FeatureSpec":
    """Read once per content: a server is asked again and again about the same features."""
    return load_spec(json.loads(document))
