"""JSON schemas small enough to live in a model's context, without saying less."""

from typing import Any

from pydantic import BaseModel

_NOISE = ("title", "default", "additionalProperties")


def request_schema(request: type[BaseModel]) -> dict[str, Any]:
    """What a tool takes. Closed: an unknown argument is refused."""
    schema = _compact(request.model_json_schema(mode="validation"))
    return {"type": "object", "properties": {}, **schema, "additionalProperties": False}


def result_schema(result: type[BaseModel]) -> dict[str, Any]:
    """What a tool answers with, its top level only: the parts below explain themselves when they are read.

    Empty facts are left out of an answer, so only the place it is about is certain.
    """
    schema = _compact(result.model_json_schema(mode="serialization"))
    properties = {name: _shallow(node) for name, node in schema["properties"].items()}
    return {"type": "object", "properties": properties, "required": ["root", "tree"]}


def _shallow(node: dict[str, Any]) -> dict[str, Any]:
    items = node.get("items", {})
    if items.get("type") == "object":
        return {**node, "items": {"type": "object"}}
    return {key: value for key, value in node.items() if key != "additionalProperties"}


def _compact(schema: dict[str, Any]) -> dict[str, Any]:
    definitions = schema.pop("$defs", {})
    compacted: dict[str, Any] = _node(schema, definitions)
    return compacted


def _node(node: Any, definitions: dict[str, Any]) -> Any:
    """Without titles, defaults and null alternatives (None and absent mean the same), references inlined."""
    if isinstance(node, list):
        return [_node(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = definitions[node["$ref"].rpartition("/")[2]]
        return _node({**target, **{key: value for key, value in node.items() if key != "$ref"}}, definitions)
    if "anyOf" in node:
        rest = {key: value for key, value in node.items() if key != "anyOf"}
        members = [member for member in node["anyOf"] if member != {"type": "null"}]
        if len(members) == 1:
            return _node({**members[0], **rest}, definitions)
        node = {**rest, "anyOf": members}
    compacted = {}
    for key, value in node.items():
        if key == "properties":
            compacted[key] = {name: _node(schema, definitions) for name, schema in value.items()}
        elif key == "additionalProperties" and isinstance(value, dict):
            compacted[key] = _node(value, definitions)
        elif key == "additionalProperties" and value is True and "properties" not in node:
            continue
        elif key not in _NOISE:
            compacted[key] = _node(value, definitions)
    return compacted
