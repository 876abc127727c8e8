"""The app as it runs. Called in the child only, with JSON out; what does not import raises there."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import Table


def routes() -> list[dict[str, Any]]:
    """Every route with its methods and full path. The routes of an app are a tree: included routers are nodes."""
    found = []
    for context in iter_route_contexts(app().routes):
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
    return app().openapi()


def app() -> FastAPI:
    """The app, made anew."""
    from app.main import create_app

    return create_app()
