"""Whatever the operations of a feature are: nothing is generated that nothing uses."""

import ast
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from mcp_server.features.catalog import Catalog, KnownFeature
from mcp_server.features.generate import generate
from mcp_server.features.load import load_spec
from mcp_server.features.spec import OPERATIONS
from mcp_server.features.validate import validate
from mcp_server.workspace.config import KitConfig
from mcp_server.workspace.layout import Layout

LAYOUT = Layout.from_config(KitConfig())
TAG = load_spec({"feature": "tag", "fields": ["name:string(2..20)"]})
BOX = load_spec({"feature": "box", "owner": "user", "fields": ["name:string(2..20)"]})
CATALOG = Catalog.of(*(KnownFeature.of(each, LAYOUT) for each in (TAG, BOX)))
FEATURES: dict[str, dict[str, Any]] = {
    "plain": {"fields": ["name:string(2..20)", "size:decimal(8,2)?"]},
    "given": {"fields": ["name:string(2..20)", "code:string(4..8) secret", "state:string(..9)=new readonly"]},
    "owned": {
        "owner": "user",
        "fields": ["name:string(2..20) unique", "kind:enum(a,b)=a", "box:ref(box)", "tags:many(tag)"],
        "access": {"list": "public", "get": "public"},
    },
    "below several": {
        "fields": ["day:date", "box:ref(box)", "tag:ref(tag)", "parent:ref(self)? as=children"],
        "soft_delete": True,
        "pagination": "cursor",
    },
}
LISTS: dict[str, dict[str, Any]] = {
    "plain": {"filters": ["size"], "search": ["name"], "sort": ["name"]},
    "owned": {"filters": ["kind", "box", "tags"]},
    "below several": {"filters": ["tag", "parent"], "sort": ["day"]},
}
CHOICES = [*combinations(OPERATIONS, 1), *combinations(OPERATIONS, 2), OPERATIONS]


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("operations", CHOICES, ids="+".join)
def test_everything_that_is_generated_is_used(feature: str, operations: tuple[str, ...]) -> None:
    document = {"feature": "note", **FEATURES[feature], "operations": [*operations]}
    if "list" in operations:
        document |= LISTS.get(feature, {})
    document["access"] = {
        name: level for name, level in document.get("access", {}).items() if name in operations
    }
    spec = load_spec(document)
    assert not validate(spec, CATALOG)
    files = {
        path: ast.parse(text)
        for path, text in generate(spec, CATALOG, LAYOUT).items()
        if path.startswith("app/") and not path.startswith("app/models/")
    }
    loaded = {name for tree in files.values() for name in loads(tree)}
    called = {name for tree in files.values() for name in asked_of_services(tree)}
    for path, tree in files.items():
        assert imports(tree) <= set(loads(tree)), path
        assert set(definitions(tree)) - {"router"} <= loaded, path
        assert set(methods_of_services(tree)) <= called, path


def loads(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id


def imports(tree: ast.Module) -> set[str]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {alias.asname or alias.name for node in nodes for alias in node.names}


def definitions(tree: ast.Module) -> Iterator[str]:
    """Classes and values of a module; functions are the routes."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def methods_of_services(tree: ast.Module) -> Iterator[str]:
    """Methods, and the repositories that a service holds."""
    for service in tree.body:
        if isinstance(service, ast.ClassDef) and service.name.endswith("Service"):
            for node in ast.walk(service):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != "__init__":
                    yield node.name
                elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                    yield node.attr


def asked_of_services(tree: ast.Module) -> Iterator[str]:
    """What is read of `self` or of a service; `unit` is what services are made of."""
    yield "unit"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            owner = node.value.func if isinstance(node.value, ast.Call) else node.value
            if isinstance(owner, ast.Name) and (owner.id == "self" or owner.id.endswith("Service")):
                yield node.attr
