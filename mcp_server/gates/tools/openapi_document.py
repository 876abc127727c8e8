"""Reads the service's OpenAPI document. Runs in the child, where the app is imported fresh."""

import inspect
import os
from pathlib import Path
from typing import Any


def read_document(root: str) -> dict[str, Any]:
    """Build the app and return its document, the problems of its structure, and where each operation is written.

    `invalid` lists what does not fit the OpenAPI 3.1 model, as [place, message]; `locations` maps "get /path" to
    [file, line]. Whatever importing or building the app raises is passed on.
    """
    os.environ["ENVIRONMENT"] = "test"
    from fastapi.openapi.models import OpenAPI
    from fastapi.routing import iter_route_contexts
    from pydantic import ValidationError

    from app.main import create_app

    app = create_app()
    document: dict[str, Any] = app.openapi()
    invalid: list[list[str]] = []
    try:
        OpenAPI.model_validate(document)
    except ValidationError as problem:
        invalid = [[".".join(map(str, item["loc"])), item["msg"]] for item in problem.errors()]
    locations: dict[str, list[str | int]] = {}
    for route in iter_route_contexts(app.routes):
        endpoint = inspect.unwrap(route.endpoint) if route.endpoint else None
        code = getattr(endpoint, "__code__", None)
        if code is None:
            continue
        file = Path(code.co_filename)
        if file.is_relative_to(root):
            for method in route.methods or ():
                place = [file.relative_to(root).as_posix(), code.co_firstlineno]
                locations[f"{method.lower()} {route.path_format}"] = place
    return {"document": document, "invalid": invalid, "locations": locations}
