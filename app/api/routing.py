"""Routers that look at the path before they ask their routes, and routes that are built once, when they are needed."""

from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import fastapi
from fastapi import Request, Response, routing
from starlette.routing import BaseRoute, Match, Route, get_name
from starlette.types import Scope

from app.api.repeated import SingleValues, repeats


class _DeclaredRoute(routing.APIRoute):
    """A route as its endpoint declares it.

    FastAPI builds every route where it is declared, and again where its router is included; the second one answers
    requests. This one is not built unless somebody asks for more of it than was declared, so that the start of a
    service with hundreds of features does not pay for 1,600 routes that never serve.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **declared: Any) -> None:
        vars(self).update(
            {"form_limits": {}, "stream_item_type": None}
            | declared
            | {
                "path": path,
                "endpoint": endpoint,
                "name": declared["name"] or get_name(endpoint),
                "methods": {method.upper() for method in declared["methods"] or ["GET"]},
                "_declared": declared,
            }
        )

    def __getattr__(self, name: str) -> Any:
        """What only a route that is built has."""
        declared = vars(self).pop("_declared", None)
        if declared is None:
            raise AttributeError(name)
        super().__init__(self.path, self.endpoint, **declared)
        return getattr(self, name)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI takes the last of repeated parameters; here validation refuses them, beside whatever else is wrong."""
        answer = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await answer(SingleValues(request.scope, request.receive) if repeats(request) else request)

        return strict


class APIRouter(fastapi.APIRouter):
    """FastAPI's router, which it asks about every request, and which asks each of its routes.

    This one looks first whether the path holds a segment that one of its routes cannot do without, so that a request
    costs the same however many features there are.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"route_class": _DeclaredRoute, **options})

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if self._marks is not None and self._marks.isdisjoint(scope["path"].split("/")):
            return Match.NONE, {}
        return super().matches(scope)

    @cached_property
    def _marks(self) -> frozenset[str] | None:
        """Segments of which each of the routes holds one; None where one has parameters only or is not a plain route.

        `/reviews` and `/products/{public_id}/reviews` have `reviews` as their mark: the routers of all features that
        refer to products would otherwise be asked about every product.
        """
        fixed = [
            [part for part in route.path.split("/") if part and "{" not in part]
            if isinstance(route, Route)
            else []
            for route in self.routes
        ]
        least = [parts for parts in fixed if not any(set(other) < set(parts) for other in fixed)]
        return frozenset(parts[-1] for parts in least) if all(fixed) else None


def declared_methods(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[tuple[str, set[str]]]:
    """Each path with the methods that one of the routes declares for it, without building any route."""
    for route in routes:
        if isinstance(route, routing._IncludedRouter):  # noqa: SLF001  # FastAPI's own way in builds them all
            yield from declared_methods(route.original_router.routes, prefix + route.include_context.prefix)
        elif isinstance(route, Route) and route.methods:
            yield prefix + route.path, route.methods


def build(routes: Sequence[BaseRoute]) -> None:
    """Build every route, which raises what is wrong with its endpoint."""
    for _ in routing.iter_route_contexts(routes):
        pass
