"""What the OpenAPI document promises of every route: names, declared errors, and bounds on all that clients send."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.app.document import PROBLEM, Operation, alternatives, document, operations, resolved
from tests.app.watch import internal_names

EVERY = [pytest.param(each, id=each.id) for each in operations()]
KEYWORDS_THAT_BOUND_TEXT = {"maxLength", "enum", "const", "pattern"}
BOUNDED_FORMATS = {"uuid", "date", "date-time", "time"}
LOWER, UPPER = {"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"}

Found = tuple[str, dict[str, Any]]


def walk(schema: dict[str, Any], place: str) -> Iterator[Found]:
    """Every value that a schema describes, however deep, with the way to it."""
    branches = list(alternatives(schema))
    for plain in branches:
        yield place, plain
        for name, inner in plain.get("properties", {}).items():
            yield from walk(inner, f"{place}.{name}")
        for inner in (plain.get("items"), plain.get("additionalProperties")):
            if isinstance(inner, dict) and not _is_any_json(inner):
                yield from walk(inner, f"{place}[]")


def _is_any_json(schema: dict[str, Any]) -> bool:
    """JSON within JSON describes itself; the limit on bodies is its bound."""
    return schema.get("$ref", "").endswith("/JsonValue") or not schema


def inputs(operation: Operation) -> Iterator[Found]:
    """All that a client sends to an operation."""
    for parameter in operation.parameters:
        yield from walk(parameter["schema"], f"{parameter['in']}.{parameter['name']}")
    if operation.media_type is not None:
        yield from walk(operation.body, "body")


def outputs(operation: Operation) -> Iterator[Found]:
    for status, response in operation.definition["responses"].items():
        for content in response.get("content", {}).values():
            yield from walk(content.get("schema", {}), str(status))


@pytest.mark.parametrize("operation", EVERY)
def test_no_internal_key(operation: Operation) -> None:
    keys = []
    schemas = re.findall(r"#/components/schemas/(\w+)", json.dumps(operation.definition))
    internal_here = frozenset.intersection(*map(internal_names, ("", *schemas)))
    for place, schema in (*inputs(operation), *outputs(operation)):
        name = place.rsplit(".", 1)[-1].removesuffix("[]")
        of_uuids = schema.get("format") == "uuid" or schema.get("type") in ("array", "null")
        internal = name in internal_here and schema.get("type") == "integer"
        if internal or (re.search(r"(^|_)public_ids?$", name) and not of_uuids):
            keys.append(place)
    assert keys == []


def test_operation_ids_are_unique() -> None:
    assert [each for each, count in Counter(each.id for each in operations()).items() if count > 1] == []


@pytest.mark.parametrize("operation", EVERY)
def test_declared_errors_are_problems(operation: Operation) -> None:
    for status, response in operation.definition["responses"].items():
        if int(status) >= 400:
            assert list(response["content"]) == [PROBLEM], status
            assert resolved(response["content"][PROBLEM]["schema"])["title"] == "Problem", status


@pytest.mark.parametrize("operation", EVERY)
def test_what_can_happen_is_declared(operation: Operation) -> None:
    wanted = set()
    if not operation.is_public:
        wanted.add(401)
    if operation.media_type is not None or operation.parameters:
        wanted.add(422)
    if operation.media_type is not None:
        wanted |= {400, 413}
    if "{" in operation.path:
        wanted.add(404)
    assert wanted - operation.statuses == set()


@pytest.mark.parametrize("operation", EVERY)
def test_every_text_is_bounded(operation: Operation) -> None:
    boundless = [
        place
        for place, schema in inputs(operation)
        if schema.get("type") == "string"
        and not KEYWORDS_THAT_BOUND_TEXT & schema.keys()
        and schema.get("format") not in BOUNDED_FORMATS
    ]
    assert boundless == []


@pytest.mark.parametrize("operation", EVERY)
def test_every_integer_is_bounded(operation: Operation) -> None:
    boundless = [
        place
        for place, schema in inputs(operation)
        if schema.get("type") == "integer"
        and not {"enum", "const"} & schema.keys()
        and not (LOWER & schema.keys() and UPPER & schema.keys())
    ]
    assert boundless == []


@pytest.mark.parametrize("operation", EVERY)
def test_every_list_is_bounded(operation: Operation) -> None:
    boundless = [
        place
        for place, schema in inputs(operation)
        if schema.get("type") == "array"
        and "maxItems" not in schema
        and "items" in schema
        and not _is_any_json(schema["items"])
    ]
    assert boundless == []


@pytest.mark.parametrize("operation", EVERY)
def test_bodies_refuse_unknown_fields(operation: Operation) -> None:
    if operation.media_type is not None:
        assert operation.body.get("additionalProperties") is False


def test_the_document_describes_something() -> None:
    assert len(document()["paths"]) >= 10
    assert sum(1 for each in operations() for _ in inputs(each)) >= 50
