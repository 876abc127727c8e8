"""What a good OpenAPI document declares for every operation."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mcp_server.gates.gate import Finding

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_BODILESS = {"204", "205", "304"}
_PROBLEM = "application/problem+json"
_DESCRIBING = {"$ref", "type", "anyOf", "oneOf", "allOf", "const", "enum"}

Locations = Mapping[str, Sequence[Any]]


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield ("get /path", operation) for every operation."""
    for path, item in document.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                yield f"{method} {path}", item[method]


def judge(document: Mapping[str, Any], locations: Locations) -> Iterator[Finding]:
    """Yield what is missing: ids, response models, error statuses, the targets of references."""
    known = dict(operations(document))
    for name, operation in known.items():
        file, line = locations.get(name, ("app/main.py", 0))
        for rule, message, why, fix in _operation(name, operation):
            yield Finding(file, line, rule, message, why, fix)
    yield from _ids(known, locations)
    for reference in sorted(_references(document)):
        if not _resolves(document, reference):
            yield Finding(
                "app", 0, "OPENAPI006", f"{reference} refers to nothing", "Generated clients would not build."
            )


def _operation(name: str, operation: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    responses = operation.get("responses", {})
    successes = {status: item for status, item in responses.items() if status.startswith("2")}
    if not successes:
        yield (
            "OPENAPI003",
            f"{name} declares no success",
            "Clients cannot know the answer.",
            "Set status_code.",
        )
    for status, response in successes.items():
        if status not in _BODILESS and not _described(response.get("content", {})):
            yield (
                "OPENAPI003",
                f"{name} answers {status} without a model",
                "An undeclared answer may leak fields, and clients cannot be generated for it.",
                "Pass response_model= to the route.",
            )
    for status, reason in _expected(name, operation):
        if status not in responses:
            yield (
                "OPENAPI004",
                f"{name} {reason}, but does not declare {status}",
                "A client must know every error it has to handle.",
                f"Add responses=responses({status}, ...) to the route.",
            )
    for status, response in responses.items():
        if status[0] in "45" and _PROBLEM not in response.get("content", {}):
            yield (
                "OPENAPI005",
                f"{name} declares {status} in another form than {_PROBLEM}",
                "Every error of the service has one form (RFC 9457).",
                f"Declare it with responses=responses({status}).",
            )


def _expected(name: str, operation: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if operation.get("security"):
        yield "401", "requires a token"
    if "{" in name:
        yield "404", "names one row"
    if "requestBody" in operation or operation.get("parameters"):
        yield "422", "takes input"


def _ids(known: Mapping[str, Mapping[str, Any]], locations: Locations) -> Iterator[Finding]:
    users: defaultdict[str, list[str]] = defaultdict(list)
    for name, operation in known.items():
        users[operation.get("operationId", "")].append(name)
    for identifier, names in users.items():
        for name in names if not identifier else names[1:]:
            file, line = locations.get(name, ("app/main.py", 0))
            message = (
                f"{name} has the operationId {identifier!r} of {names[0]}"
                if identifier
                else f"{name} has no operationId"
            )
            yield Finding(
                file,
                line,
                "OPENAPI002",
                message,
                "Generated clients name their functions by it.",
                "Give the endpoint function a name of its own.",
            )


def _described(content: Mapping[str, Any]) -> bool:
    """Say whether every media type has a schema that says more than "some value" or "some object"."""
    schemas = [media.get("schema", {}) for media in content.values()]
    return bool(schemas) and all(
        _DESCRIBING & schema.keys() and not (schema.get("type") == "object" and "properties" not in schema)
        for schema in schemas
    )


def _references(node: Any) -> set[str]:
    if isinstance(node, Mapping):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_references(value) for value in node))
    return set()


def _resolves(document: Mapping[str, Any], reference: str) -> bool:
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        if not isinstance(node, Mapping) or part not in node:
            return False
        node = node[part]
    return True
