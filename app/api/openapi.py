"""How the service appears in its OpenAPI document."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.api.errors import Problem


def operation_id(route: APIRoute) -> str:
    """The endpoint's name: generated clients read well, and a duplicate is a mistake that a gate reports."""
    return route.name


def install(app: FastAPI) -> None:
    """Add the schema that every declared error refers to."""
    describe = app.openapi

    def document() -> dict[str, Any]:
        described = describe()
        schemas = described.setdefault("components", {}).setdefault("schemas", {})
        if "Problem" not in schemas:
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(problem.pop("$defs"))
            schemas["Problem"] = problem
        return described

    app.openapi = document  # type: ignore[method-assign]  # the way that FastAPI documents
