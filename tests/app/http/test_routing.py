"""Routers look at the path before they ask their routes, and answer the same."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.exceptions import FastAPIError
from fastapi.routing import APIRoute, iter_route_contexts
from httpx2 import ASGITransport, AsyncClient
from starlette.routing import Match
from starlette.types import Scope

from app.api.routing import APIRouter
from app.core.config import Settings
from app.main import create_app


def service(*paths: str) -> FastAPI:
    """A service with one router whose routes answer with their own path."""
    router = APIRouter()
    for path in paths:
        router.add_api_route(path, endpoint=lambda path=path: path)
    app = FastAPI()
    app.include_router(router, prefix="/api/v1")
    return app


@pytest.mark.parametrize(
    ("paths", "asked", "status"),
    [
        (("/products/{key}",), "/api/v1/products/1", 200),
        (("/products/{key}/reviews", "/reviews"), "/api/v1/products/1/reviews", 200),
        (("/products/{key}/reviews", "/reviews"), "/api/v1/reviews", 200),
        (("/{anything}",), "/api/v1/products", 200),
        (("/products",), "/api/v1/other", 404),
        (("/products",), "/products", 404),
        (("/products",), "/api/v1/products/1", 404),
    ],
)
async def test_a_path_is_found_or_not(paths: tuple[str, ...], asked: str, status: int) -> None:
    async with AsyncClient(transport=ASGITransport(service(*paths)), base_url="http://test") as client:
        assert (await client.get(asked)).status_code == status
        assert (await client.post(asked)).status_code == (405 if status == 200 else 404)


@pytest.mark.parametrize(
    "paths", [("/reviews", "/reviews/{key}", "/products/{key}/reviews"), ("/products/{key}/reviews",)]
)
async def test_routes_are_not_asked_about_other_paths(
    paths: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    matches = APIRoute.matches

    def counted(route: APIRoute, scope: Scope) -> tuple[Match, Scope]:
        asked.append(route.path)
        return matches(route, scope)

    monkeypatch.setattr(APIRoute, "matches", counted)
    transport = ASGITransport(service(*paths))
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get("/api/v1/other")
        await client.get("/api/v1/products/1")
        assert asked == []
        await client.get("/api/v1/products/1/reviews")
        assert "/products/{key}/reviews" in asked


async def test_a_route_is_built_once_and_when_it_is_needed() -> None:
    built: list[str] = []

    def note(route: Any) -> str:
        built.append(route.path)
        return str(route.name)

    router = APIRouter(generate_unique_id_function=note)
    router.add_api_route("/products", endpoint=lambda: "some")
    app = FastAPI()
    app.include_router(router, prefix="/api/v1")
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/api/v1/other")).status_code == 404
        assert built == []
        assert [(await client.get("/api/v1/products")).text for _ in range(2)] == ['"some"'] * 2
    assert built == ["/api/v1/products"]


async def test_a_router_that_is_mounted_builds_its_own_routes() -> None:
    router = APIRouter()
    router.add_api_route("/products/{key}", endpoint=lambda key: key)
    app = FastAPI()
    app.mount("/shop", router)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/shop/products/1")).json() == "1"
        assert (await client.post("/shop/products/1")).status_code == 405


def test_no_dependency_depends_on_another(app: FastAPI) -> None:
    """Each link of a chain costs every request, and the start of every route."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute):
            for each in route.dependant.dependencies:
                assert each.dependencies == [], route.path


async def test_a_mistake_in_an_endpoint_ends_the_start(settings: Settings) -> None:
    def endpoint() -> Settings | FastAPI:
        raise NotImplementedError

    router = APIRouter()
    router.add_api_route("/mistakes", endpoint=endpoint)
    app = create_app(settings)
    app.include_router(router)
    with pytest.raises(FastAPIError, match="Invalid args for response field"):
        async with app.router.lifespan_context(app):
            pass
