"""The app as it runs. Called in the child only, with JSON out; what does not import raises there."""

from importlib import import_module
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from sqlalchemy import Table


def routes() -> list[dict[str, Any]]:
    """Every route with its methods and full path. The routes of an app are a tree: included routers are nodes."""
    found = []
    for context in iter_route_contexts(_app().routes):
        path, methods = context.path, context.methods
        if path is None or not methods:
            continue
        found.append(
            {
                "path": path,
                "methods": sorted(methods),
                "name": context.name or "",
                "module": getattr(context.endpoint, "__module__", ""),
            }
        )
    return sorted(found, key=lambda one: (one["path"], one["methods"]))


def models() -> list[dict[str, Any]]:
    """Every mapped class with its table and all columns, inherited ones included, by table."""
    from app.models import load_models
    from app.models.base import Base

    load_models()
    return sorted(
        (
            {
                "name": mapper.class_.__name__,
                "module": mapper.class_.__module__,
                "table": mapper.local_table.name,
                "columns": [column.name for column in mapper.local_table.columns],
            }
            for mapper in Base.registry.mappers
            if isinstance(mapper.local_table, Table)
        ),
        key=lambda one: one["table"],
    )


def openapi() -> dict[str, Any]:
    """The OpenAPI document of the app."""
    return _app().openapi()


def schemas(module: str, names: list[str]) -> dict[str, dict[str, Any]]:
    """JSON schema of each of these classes that the module has; of none where there is no such module."""
    try:
        found = vars(import_module(module))
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        return {}
    classes = {name: found[name] for name in names if name in found}
    return {name: one.model_json_schema() for name, one in classes.items() if issubclass(one, BaseModel)}


def _app() -> FastAPI:
    from app.main import create_app

    return create_app()
