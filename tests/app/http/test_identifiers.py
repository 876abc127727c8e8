"""No integer key leaves the process: no route says so in the API document, none takes one."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from app.main import create_app
from tests.app.document import alternatives
from tests.app.watch import internal_names


@pytest.fixture(scope="module")
def document(shared_app: FastAPI) -> dict[str, Any]:
    return create_app(shared_app.state.settings).openapi()


def properties(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for schema, content in document["components"]["schemas"].items():
        for name, definition in content.get("properties", {}).items():
            yield schema, name, definition


def test_no_schema_holds_an_internal_key(document: dict[str, Any]) -> None:
    leaks = [
        f"{schema}.{name}"
        for schema, name, definition in properties(document)
        if name in internal_names(schema)
        and any(each.get("type") == "integer" for each in alternatives(definition))
    ]
    assert leaks == []


def test_public_ids_are_uuids(document: dict[str, Any]) -> None:
    found = [definition for _schema, name, definition in properties(document) if name == "public_id"]
    assert found
    assert all(definition.get("format") == "uuid" for definition in found)


def test_paths_take_uuids_only(document: dict[str, Any]) -> None:
    parameters = [
        parameter
        for path in document["paths"].values()
        for operation in path.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "path"
    ]
    assert parameters
    assert {parameter["schema"].get("format") for parameter in parameters} == {"uuid"}


def test_no_schema_returns_a_password(document: dict[str, Any]) -> None:
    shown = [
        f"{schema}.{name}"
        for schema, name, definition in properties(document)
        if name in {"password", "hashed_password"} and not definition.get("writeOnly")
    ]
    bodies = ("UserRegister.", "UserUpdateMe.", "LoginForm.")
    assert [each for each in shown if not each.startswith(bodies)] == []
