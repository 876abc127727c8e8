"""FastAPI's OpenAPI document, made router by router.

FastAPI makes it in one go, of which a whole second passes inside Pydantic's core with 200 features: no other thread can run
meanwhile. Made in parts, it is the same document, unless a schema gets a longer name in one part only: then it is there under
both.
"""

from collections.abc import Sequence
from copy import copy
from typing import Any

import fastapi
from fastapi import FastAPI
from starlette.routing import BaseRoute


def describe(app: FastAPI) -> dict[str, Any]:
    """What `FastAPI.openapi` says of the service; schemas and paths in the order of the routes."""
    whole = _described(app, ())
    for route in app.routes:
        part = _described(app, (route,))
        for path, item in part["paths"].items():
            whole["paths"].setdefault(path, {}).update(item)
        for kind, named in part.get("components", {}).items():
            known = whole.setdefault("components", {}).setdefault(kind, {})
            if any(known.get(name, one) != one for name, one in named.items()):
                return _described(app, app.routes)  # seen together, both get longer names
            known.update(named)
    return whole


def _described(app: FastAPI, routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The document of the same service with these routes."""
    part = copy(app)
    part.router = fastapi.APIRouter(routes=list(routes))
    part.openapi_schema = None
    return FastAPI.openapi(part)
