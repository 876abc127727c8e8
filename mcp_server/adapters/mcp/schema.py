"""JSON schemas small enough to live in a model's context, without saying less."""

from typing import Any

from pydantic import BaseModel

_NOISE = ("title", "default", "additionalProperties")
_PLACE = ("root", "branch", "tree")


def request_schema(request: type[BaseModel]) -> dict[str, Any]:
    """What a tool takes. Closed: an unknown argument is refused."""
    schema = _compact(request.model_json_schema(mode="validation"))
    return {"type": "object", "properties": {}, **schema, "additionalProperties": False}


def result_schema(result: type[BaseModel]) -> dict[str, Any]:
    """What a tool answers with: where it worked, and the facts that the model describes, because the next call needs them.

    More facts come with them and explain themselves when they are read; naming them here would cost every client in
    every session. Empty ones are left out of an answer, so only the place it is about is certain.
    """
    schema = _compact(result.model_json_schema(mode="serialization"))
    named = {
        name: {"type": node["type"]}
        for name, node in schema["properties"].items()
        if name in _PLACE or "description" in node
    }
    return {"type": "object", "properties": named, "required": ["root", "tree"]}


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
        elif key == "items" and (value == {} or value.get("type") == "array"):
            continue  # the description shows what is inside by an example
        elif key not in _NOISE:
            compacted[key] = _node(value, definitions)
    return compacted
