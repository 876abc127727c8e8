"""No rule finds fault with what the kit itself generates, whatever the features and fields are called."""

from collections.abc import Mapping
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings

from mcp_server.architecture.check import check
from mcp_server.architecture.layers import LAYERED
from mcp_server.features.generate import generate
from mcp_server.features.load import load_spec
from mcp_server.features.spec import FeatureSpec
from mcp_server.features.validate import validate
from mcp_server.operations.known_features import catalog_of
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.architecture.test_rules import ROOT
from tests.mcp_server.features.strategies import specs

WORKSPACE = Workspace.open(ROOT)
CATALOG = catalog_of(WORKSPACE)
NAMES = (
    "session",
    "token",
    "secret",
    "password",
    "commit",
    "connection",
    "log",
    "text",
    "db_session",
    "conn",
    "select",
)
FIELDS = [
    "token:string(8..100)=abcdefgh12",
    "secret:string(..100)? unique",
    "user_id:int",
    "legacy_id:int?",
    "api_key:string(..40)=a8f5f167f44f4964",
    "print:bool=true",
    "session:string(..40)",
    "db:int",
    "commit:string(1..40)",
    "limit_size:int",
    "connection:ref(category)?",
    "at:datetime?",
]


@cache
def models() -> Mapping[str, str]:
    return {path: WORKSPACE.text(path) for path in WORKSPACE.files(*LAYERED.patterns["models"])}


def assert_clean(spec: FeatureSpec) -> None:
    found = check({**models(), **generate(spec, CATALOG, WORKSPACE.layout)})
    assert found == (), spec.to_document()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(specs(CATALOG))
def test_drawn_features_are_clean(spec: FeatureSpec) -> None:
    assert_clean(spec)


@pytest.mark.parametrize("name", NAMES)
def test_names_that_the_rules_look_for_are_no_violations(name: str) -> None:
    fields = [field for field in FIELDS if not field.startswith(f"{name}:")]
    spec = load_spec({"feature": name, "owner": "user", "fields": fields, "sort": ["db"], "filters": ["db"]})
    assert validate(spec, CATALOG) == ()
    assert_clean(spec)
