"""What every client pays for and relies on before the first call: the definitions of the tools."""

import json

import pytest

from mcp_server.adapters.mcp.tools import definition
from mcp_server.operations.operation import AnyOperation
from mcp_server.operations.registry import OPERATIONS

EVERY = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())


def test_all_definitions_together_cost_less_than_2000_tokens() -> None:
    definitions = [
        definition(operation).model_dump(by_alias=True, exclude_none=True, mode="json")
        for operation in OPERATIONS.values()
    ]
    size = len(json.dumps(definitions, separators=(",", ":")))
    assert size <= 8000, f"{size} characters; about four make a token"


@EVERY
def test_a_description_is_short_and_schemas_are_closed(operation: AnyOperation) -> None:
    tool = definition(operation)
    assert 80 < len(tool.description or "") < 600
    assert tool.input_schema["type"] == "object"
    assert tool.input_schema["additionalProperties"] is False
    assert tool.output_schema is not None
    assert {"root", "branch", "tree"} <= tool.output_schema["properties"].keys()


@EVERY
def test_schemas_carry_no_titles_nulls_or_dangling_references(operation: AnyOperation) -> None:
    tool = definition(operation)
    text = json.dumps([tool.input_schema, tool.output_schema])
    assert '"$ref"' not in text
    assert '"null"' not in text
    assert '"title":' not in text.replace('"title": {', "")  # a property may be called title


@EVERY
def test_annotations_are_the_declared_facts(operation: AnyOperation) -> None:
    hints = definition(operation).annotations
    assert hints is not None
    # The protocol's defaults: not read-only, destructive, not idempotent.
    assert bool(hints.read_only_hint) is operation.reads_only
    assert (hints.destructive_hint is not False and not hints.read_only_hint) is operation.destructive
    assert bool(hints.idempotent_hint) is operation.idempotent
    assert not (operation.reads_only and operation.destructive)
