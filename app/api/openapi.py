"""How the service appears in its OpenAPI document, and how the document appears behind a proxy."""

from asyncio import Lock
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Literal

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Route

from app.api.deps import LOGIN_PATH, for_superusers
from app.api.errors import Problem, responses
from app.api.openapi_parts import describe
from app.core.config import Settings
from app.schemas.fields import INT64_MAX, INT64_MIN

Access = Literal["public", "authenticated", "superuser"]

_TOLD: dict[Access, str] = {"public": "Public.", "authenticated": "", "superuser": "Superusers only."}

_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
_LOCATION = {
    "Location": {
        "description": "The path of the new row",
        "schema": {"type": "string", "format": "uri-reference"},
    }
}
_OF_BODIES = responses(400, 413)  # a body that cannot be decoded, and one that is too large
_OF_THE_DATABASE = responses(503)  # it is locked, full or away


def operation_id(route: APIRoute) -> str:
    """The endpoint's name: generated clients read well, and a duplicate is a mistake that a gate reports."""
    return route.name


def install(app: FastAPI, settings: Settings) -> None:
    """Add what FastAPI cannot know: the form of errors, those that no route names, who may call what, where tokens are."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(app, settings)
        return app.openapi_schema

    sent: dict[str, bytes] = {}
    one_at_a_time = Lock()

    async def serve(request: Request) -> Response:
        """With hundreds of features it takes seconds to make: in a thread, once for each `--root-path` of the server."""
        root = request.scope.get("root_path", "").rstrip("/")
        async with one_at_a_time:
            if root not in sent:
                sent[root] = await run_in_threadpool(_written, app, settings, root)
        return Response(sent[root], media_type="application/json")

    app.openapi = document  # type: ignore[method-assign]  # the way that FastAPI documents
    paths = [getattr(route, "path", None) for route in app.router.routes]
    app.router.routes[paths.index(app.openapi_url)] = Route(str(app.openapi_url), serve)


def _completed(app: FastAPI, settings: Settings) -> dict[str, Any]:
    described = describe(app)
    components = described.setdefault("components", {})
    schemas = components.get("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components["schemas"] = dict(sorted({**schemas, **problem.pop("$defs"), "Problem": problem}.items()))
    _lead_to_tokens(described, settings.api_prefix + LOGIN_PATH)
    _tell_access(app, described)
    _keep_whole(described)
    for path, item in described["paths"].items():
        for operation in item.values():
            _declare_common_errors(operation, uses_database=path.startswith(settings.api_prefix))
    return described


def _written(app: FastAPI, settings: Settings, root: str) -> bytes:
    """The document as it is sent below `root`, which FastAPI puts among the servers, but not before the token's URL."""
    described = app.openapi()
    if root:
        described = {**deepcopy(described), "servers": [{"url": root}]}
        _lead_to_tokens(described, root + settings.api_prefix + LOGIN_PATH)
    return bytes(JSONResponse(described).body)


def _lead_to_tokens(described: dict[str, Any], url: str) -> None:
    for scheme in described["components"].get("securitySchemes", {}).values():
        scheme["flows"]["password"]["tokenUrl"] = url


def _tell_access(app: FastAPI, described: dict[str, Any]) -> None:
    """Mark each operation for programs (`x-access`), and for people where a token is not enough or not needed."""
    for context in iter_route_contexts(app.routes):
        if not isinstance(context.original_route, APIRoute):
            continue
        for method in context.methods or ():
            operation = described["paths"].get(context.path_format, {}).get(method.lower())
            if operation is None:
                continue
            access = _access(context.dependant, operation)
            operation["x-access"] = access
            if (
                context.dependant.response_param_name
            ):  # an endpoint asks for the response to lead to a new row
                operation["responses"]["201"]["headers"] = _LOCATION
            description = operation.get("description", "")
            if not description.endswith(_TOLD[access]):
                operation["description"] = f"{description} {_TOLD[access]}".strip()


def _keep_whole(schema: Any) -> None:
    """Write the bounds of integers as such. FastAPI reads them as floats, which makes 2**63 of 2**63 - 1."""
    if isinstance(schema, list):
        for each in schema:
            _keep_whole(each)
    if isinstance(schema, dict):
        if schema.get("type") == "integer":
            for bound in _BOUNDS & schema.keys():
                schema[bound] = max(INT64_MIN, min(int(schema[bound]), INT64_MAX))
        for each in schema.values():
            _keep_whole(each)


def _access(dependant: Dependant, operation: dict[str, Any]) -> Access:
    if not operation.get("security"):
        return "public"
    return "superuser" if any(for_superusers(call) for call in _calls(dependant)) else "authenticated"


def _calls(dependant: Dependant) -> Iterator[Any]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)


def _declare_common_errors(operation: dict[str, Any], *, uses_database: bool) -> None:
    common = {
        **(_OF_BODIES if "requestBody" in operation else {}),
        **(_OF_THE_DATABASE if uses_database else {}),
    }
    for status, response in common.items():
        operation["responses"].setdefault(str(status), response)
