"""Routers look at the path before they ask their routes, and answer the same."""

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from httpx2 import ASGITransport, AsyncClient
from starlette.routing import Match
from starlette.types import Scope

from app.api.routing import APIRouter


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


async def test_routes_are_not_asked_about_other_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    matches = APIRoute.matches

    def counted(route: APIRoute, scope: Scope) -> tuple[Match, Scope]:
        asked.append(route.path)
        return matches(route, scope)

    monkeypatch.setattr(APIRoute, "matches", counted)
    transport = ASGITransport(service("/products", "/products/{key}"))
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get("/api/v1/other")
        assert asked == []
        await client.get("/api/v1/products")
        assert "/products" in asked
