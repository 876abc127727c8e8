"""A feature's file would never take the place of one of the service: its name is refused, with another one to use."""

from pathlib import Path

import pytest

from mcp_server.features.load import read_document
from mcp_server.features.validate import validate_alone
from mcp_server.workspace.layout import ARTEFACTS, LAYERED

ROOT = Path(__file__).parents[3]
OF_FEATURES = {"user", "users", "refresh_token"} | {
    name
    for ledger in (ROOT / ".kit" / "ledger").glob("*.json")
    for spec, _problems in [read_document({"feature": ledger.stem, "fields": ["a:int"]})]
    for name in (spec.feature, spec.plural)
}
"""Other features are known, and their names refused as such."""


def taken(placeholder: str) -> set[str]:
    """The names in the paths of the service's files, where a feature's have its own."""
    names = set()
    for artefact in ARTEFACTS:
        if placeholder in LAYERED.templates[artefact]:
            for path in ROOT.glob(LAYERED.glob(artefact)):
                names.add(LAYERED.name_in(artefact, path.relative_to(ROOT).as_posix()))
    return {name for name in names if name is not None} - OF_FEATURES


@pytest.mark.parametrize("name", sorted(taken("{feature}")))
def test_files_of_the_service_are_no_feature(name: str) -> None:
    spec, _ = read_document({"feature": name, "plural": "taken_items", "fields": ["a:int"]})
    assert [(each.code, each.place) for each in validate_alone(spec)] == [("SPEC011", "feature")]


@pytest.mark.parametrize("name", sorted(taken("{plural}")))
def test_files_of_the_service_are_no_plural(name: str) -> None:
    spec, _ = read_document({"feature": "thing", "plural": name, "fields": ["a:int"]})
    assert [(each.code, each.place) for each in validate_alone(spec)] == [("SPEC011", "plural")]
