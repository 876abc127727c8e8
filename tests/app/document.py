"""The service's OpenAPI document, for tests that must hold for every route, also for those that come later."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.core.config import Settings
from app.main import create_app

PROBLEM = "application/problem+json"
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    """One method on one path."""

    method: str
    path: str
    definition: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.definition["operationId"])

    @property
    def is_public(self) -> bool:
        """Whether it asks for no token: a public route is one without a security requirement."""
        return not self.definition.get("security")

    @property
    def statuses(self) -> set[int]:
        return {int(status) for status in self.definition["responses"]}

    @property
    def success(self) -> int:
        return min(self.statuses)

    @property
    def parameters(self) -> list[dict[str, Any]]:
        return list(self.definition.get("parameters", []))

    @property
    def media_type(self) -> str | None:
        """What kind of body it takes."""
        return next(iter(self.definition.get("requestBody", {}).get("content", {})), None)

    @property
    def body(self) -> dict[str, Any]:
        """The resolved schema of the body; empty where there is none."""
        content = self.definition.get("requestBody", {}).get("content", {})
        return resolved(next(iter(content.values()))["schema"]) if content else {}

    @property
    def resource(self) -> str:
        """What the operation is about: `reviews` for /products/{public_id}/reviews, too, whatever its last part is."""
        return str(self.definition["tags"][0])


@cache
def document() -> dict[str, Any]:
    return create_app(Settings(environment="test", _env_file=None)).openapi()


def resolved(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema itself, or the component that it refers to."""
    if "$ref" in schema:
        component: dict[str, Any] = document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        return component
    return dict(schema)


def operations() -> list[Operation]:
    return [
        Operation(method.upper(), path, item[method])
        for path, item in document()["paths"].items()
        for method in _METHODS
        if method in item
    ]


def alternatives(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The plain schemas that a value may follow: the branches of anyOf, oneOf and allOf, resolved."""
    schema = resolved(schema)
    branches = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    if not branches:
        yield schema
    for branch in branches:
        yield from alternatives(branch)
