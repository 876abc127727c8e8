"""Generated source, whatever the feature is called."""

import pytest

from mcp_server.features.catalog import Catalog
from mcp_server.features.generate import generate
from mcp_server.features.imports import IMPORTABLE
from mcp_server.features.load import load_spec
from mcp_server.features.naming import is_name
from mcp_server.workspace.config import KitConfig
from mcp_server.workspace.layout import Layout

NAMES = sorted(name for name in IMPORTABLE if is_name(name) and name != "pytest")
FIELDS = ["name:string(2..20) unique", "day:date", "amount:decimal(8,2)", "at:datetime?=now"]


@pytest.mark.parametrize("name", NAMES)
def test_the_service_never_imports_the_tests(name: str) -> None:
    spec = load_spec({"feature": name, "plural": f"{name}_rows", "fields": FIELDS, "sort": ["day"]})
    files = generate(spec, Catalog.of(), Layout.from_config(KitConfig()))
    assert len(files) == 7
    assert not [path for path, text in files.items() if path.startswith("app/") and "tests." in text]


@pytest.mark.parametrize(
    ("access", "operation", "level"),
    [
        ({}, "bulk_create", "authenticated"),
        ({"create": "superuser"}, "bulk_create", "superuser"),
        ({"create": "superuser", "bulk_create": "public"}, "bulk_create", "public"),
        ({"update": "superuser"}, "replace", "superuser"),
        ({"update": "superuser"}, "create", "authenticated"),
    ],
)
def test_a_feature_is_not_open_through_its_other_door(
    access: dict[str, str], operation: str, level: str
) -> None:
    spec = load_spec({"feature": "note", "fields": ["name:string"], "access": access})
    assert spec.access_of(operation) == level


def test_what_is_unique_of_itself_and_for_its_owner_is_tested_once() -> None:
    spec = load_spec(
        {
            "feature": "note",
            "owner": "user",
            "fields": ["name:string unique"],
            "unique": [["owner", "name"]],
        }
    )
    files = generate(spec, Catalog.of(), Layout.from_config(KitConfig()))
    tests = next(text for path, text in files.items() if path.startswith("tests/app/api/"))
    assert tests.count("def test_name_is_unique(") == 1


def test_a_secret_is_only_written() -> None:
    spec = load_spec(
        {"feature": "device", "fields": ["name:string", "pin:string(4..8) secret", "code:string? secret"]}
    )
    schemas = generate(spec, Catalog.of(), Layout.from_config(KitConfig()))["app/schemas/device.py"]
    marked = [line.split(":")[0].strip() for line in schemas.splitlines() if '"writeOnly": True' in line]
    assert marked == ["pin", "code"] * 2  # to create one, and to update one
