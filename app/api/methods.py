"""Which methods a path answers, by all routes that fit it.

Starlette asks the first route that fits: `Allow` would name that route's methods only, and `GET /products/bulk` would be
taken for the product whose id is "bulk".
"""

from collections.abc import Sequence

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from app.api.routing import declared_methods


def path_of(scope: Scope) -> str:
    """The path as the routes know it, without what a proxy has put before it."""
    return str(scope["path"]).removeprefix(scope.get("root_path", "").rstrip("/"))


def methods_by_path(routes: Sequence[BaseRoute]) -> dict[str, set[str]]:
    """The methods of every path as it is declared, variables and all."""
    found: dict[str, set[str]] = {}
    for path, methods in declared_methods(routes):
        found.setdefault(path, set()).update(methods)
    return found


def allowed_methods(routes: Sequence[BaseRoute], scope: Scope) -> set[str]:
    """The methods that the path of a request answers: those of the path that is declared just so, otherwise of all that fit it."""
    path = path_of(scope)
    exact = methods_by_path(routes).get(path)
    if exact:
        return exact
    asked = [route for route in routes if route.matches(scope)[0] is not Match.NONE]
    fitting = [
        route for route in iter_route_contexts(asked) if route.methods and route.path_regex.match(path)
    ]
    return {method for route in fitting for method in route.methods or ()}
