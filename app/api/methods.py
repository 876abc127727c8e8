"""Which methods a path answers, by all routes that fit it.

Starlette asks the first route that fits: `Allow` would name that route's methods only, and `GET /products/bulk` would be
taken for the product whose id is "bulk".
"""

from collections.abc import Sequence

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute
from starlette.types import Scope


def path_of(scope: Scope) -> str:
    """The path as the routes know it, without what a proxy has put before it."""
    return str(scope["path"]).removeprefix(scope.get("root_path", "").rstrip("/"))


def methods_by_path(routes: Sequence[BaseRoute]) -> dict[str, set[str]]:
    """The methods of every path as it is declared, variables and all."""
    found: dict[str, set[str]] = {}
    for route in iter_route_contexts(routes):
        if route.path is not None and route.methods:
            found.setdefault(route.path, set()).update(route.methods)
    return found


def allowed_methods(routes: Sequence[BaseRoute], path: str) -> set[str]:
    """The methods that `path` answers: those of the path that is declared just so, otherwise of all that fit it."""
    exact = methods_by_path(routes).get(path)
    if exact:
        return exact
    fitting = [
        route for route in iter_route_contexts(routes) if route.methods and route.path_regex.match(path)
    ]
    return {method for route in fitting for method in route.methods or ()}
