"""The parts of a feature as its routes lead to them. In the child only: it imports the app."""

import inspect
from collections.abc import Iterator
from dataclasses import asdict, astuple
from importlib import import_module
from typing import Any, get_args

from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from mcp_server.inspection.live import app
from mcp_server.inspection.parts import SHOWING, Operation, Part, Parts


def parts(
    addresses: dict[str, list[str]], model: list[str], schemas: str, usual: dict[str, str]
) -> dict[str, Any]:
    """`parts.Parts` as JSON, by the method and URL of each operation and the name and module of the mapped class.

    `usual` names the classes of the body and the answer in the module `schemas`, where no route tells.
    """
    routes = {
        (method.lower(), context.path_format): context
        for context in iter_route_contexts(app().routes)
        for method in context.methods or ()
    }
    found = {name: routes[method, url] for name, (method, url) in addresses.items()}
    bodies = {name: _model(route.dependant.body_params) for name, route in found.items()}
    rows = {name: _row(route.response_model) for name, route in found.items()}
    operations = {
        name: Operation(
            _part(route.endpoint),
            _named(bodies[name]),
            _named(_model(route.dependant.query_params)),
            _named(route.response_model),
            _named(rows[name]),
        )
        for name, route in found.items()
    }
    repository = next(
        (one for one in _repositories() if _named(getattr(one, "model", None)) == Part(*model)), None
    )
    modules = {operation.function.module for operation in operations.values()}
    imported = {_part(one) for module in modules for one in _classes(module).values()}
    by_name = _classes(schemas)
    body = bodies.get("create") or bodies.get("replace") or by_name.get(usual["body"])
    answer = next(filter(None, map(rows.get, SHOWING)), by_name.get(usual["answer"]))
    return asdict(
        Parts(
            operations,
            sorted(imported, key=astuple),
            repository=_named(repository),
            record=_named(getattr(repository, "record", None)),
            body=_schema(body),
            answer=_schema(answer),
        )
    )


def _classes(module: str) -> dict[str, type]:
    """The classes that a module knows; none where there is no such module."""
    try:
        return dict(inspect.getmembers(import_module(module), inspect.isclass))
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        return {}


def _repositories() -> Iterator[type]:
    """Every repository that is imported."""
    from app.repositories.base import Repository

    pending: list[type] = [Repository]
    while pending:
        one = pending.pop()
        pending += one.__subclasses__()
        yield one


def _model(parameters: list[Any]) -> type[BaseModel] | None:
    """The one parameter that is an object of several fields."""
    found = [one.field_info.annotation for one in parameters if _is_model(one.field_info.annotation)]
    return found[0] if len(found) == 1 else None


def _row(answer: Any) -> type[BaseModel] | None:
    """The class of a row, which has its `public_id`: the answer itself, or what is nearest in it."""
    near, seen = list(_models(answer)), set[type]()
    while near:
        for one in near:
            if "public_id" in one.model_fields:
                return one
        seen |= {*near}
        inner = (field.annotation for one in near for field in one.model_fields.values())
        near = [one for annotation in inner for one in _models(annotation) if one not in seen]
    return answer if _is_model(answer) else None


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if _is_model(annotation):
        yield annotation
    else:
        for inner in get_args(annotation):
            yield from _models(inner)


def _is_model(annotation: Any) -> bool:
    return inspect.isclass(annotation) and issubclass(annotation, BaseModel)


def _schema(model: Any) -> dict[str, Any] | None:
    return model.model_json_schema() if _is_model(model) else None


def _named(one: Any) -> Part | None:
    return _part(one) if inspect.isclass(one) else None


def _part(one: Any) -> Part:
    return Part(one.__name__, one.__module__)
