"""The features a new one can refer to and collide with, as this workspace has them."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from mcp_server.changes import ledger
from mcp_server.features.catalog import USER, Catalog, KnownFeature
from mcp_server.features.inflection import pluralise
from mcp_server.features.load import load_spec
from mcp_server.inspection import source
from mcp_server.workspace.errors import InvalidInput, Problem
from mcp_server.workspace.layout import Artefact, Layout, layouts
from mcp_server.workspace.workspace import Workspace

if TYPE_CHECKING:
    from mcp_server.features.spec import FeatureSpec

_NEEDED: tuple[Artefact, ...] = ("model", "repository", "factory")
"""What others that refer to a feature import of it."""


def catalog_of(workspace: Workspace) -> Catalog:
    """Features the kit made, with their specs, and those that were written by hand, as far as their models show them."""
    known = {}
    for model in source.models(workspace):
        if model.feature != USER.name:
            known[model.feature] = KnownFeature(
                model.feature, pluralise(model.feature), model.table, model.name, referable=False
            )
    possible = layouts(workspace.layout)
    known |= {feature: _known(entry, possible) for feature, entry in ledger.read(workspace).items()}
    return Catalog.of(*known.values())


@lru_cache(maxsize=1024)
def _known(entry: ledger.Entry, possible: tuple[Layout, ...]) -> KnownFeature:
    spec = spec_of(entry)
    layout = _made_in(entry, spec, possible)
    # One that was adopted may lack what others need of it.
    whole = all(layout.path(artefact, spec.names) in entry.files for artefact in _NEEDED)
    return KnownFeature.of(spec, layout, called=entry.names, referable=whole)


@lru_cache(maxsize=1024)
def spec_of(entry: ledger.Entry) -> "FeatureSpec":
    """The spec that a feature was last made from. Read once per entry, as the ledger reads an entry once per content."""
    return load_spec(entry.spec)


def entry_of(workspace: Workspace, feature: str) -> ledger.Entry:
    """The ledger's entry of a feature.

    Raises InvalidInput FTR001 for a name that no feature has, FTR002 for a feature that was written by hand.
    """
    entries = ledger.read(workspace)
    if feature in entries:
        return entries[feature]
    if any(model.feature == feature for model in source.models(workspace)):
        hint = f"Have the kit adopt it: kit feature trace {feature} --adopt"
        raise InvalidInput(Problem("FTR002", feature, "was written by hand, not made by the kit", hint))
    close = get_close_matches(feature, entries, n=1)
    hint = f"Did you mean {close[0]}?" if close else f"Features of the kit: {', '.join(entries) or 'none'}"
    raise InvalidInput(Problem("FTR001", feature[:80], "there is no such feature", hint))


def layout_of(workspace: Workspace, entry: ledger.Entry) -> Layout:
    """Where the files of a feature are: the layout may have changed since it was made."""
    return _made_in(entry, spec_of(entry), layouts(workspace.layout))


def _made_in(entry: ledger.Entry, spec: "FeatureSpec", possible: Sequence[Layout]) -> Layout:
    made_in = (layout for layout in possible if layout.path("model", spec.names) in entry.files)
    return next(made_in, possible[0]).at(entry.places)
