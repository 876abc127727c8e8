"""GET /health/live and /health/ready."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import text

from app.core.config import Settings
from app.core.database import Database
from app.main import create_app
from tests.app.conftest import serving


@pytest.fixture
async def empty_app(settings: Settings, tmp_path: object) -> AsyncIterator[FastAPI]:
    async with serving(settings, f"sqlite+aiosqlite:///{tmp_path}/empty.db") as app:
        yield app


async def test_live_needs_no_database(settings: Settings) -> None:
    app = create_app(settings)  # without its lifespan there is no database at all
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        response = await client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("probe", ["live", "ready"])
async def test_load_balancers_may_ask_by_head(probe: str, anonymous: AsyncClient) -> None:
    response = await anonymous.head(f"/health/{probe}")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")


async def test_ready_at_head(anonymous: AsyncClient) -> None:
    response = await anonymous.get("/health/ready")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_not_ready_behind_head(anonymous: AsyncClient, database: Database) -> None:
    async with database.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    response = await anonymous.get("/health/ready")
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["retry-after"] == "5"
    assert response.json()["detail"] == "the migrations of the database are not at head"


async def test_not_ready_without_migrations(empty_app: FastAPI) -> None:
    async with AsyncClient(transport=ASGITransport(empty_app), base_url="http://test") as client:
        response = await client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["detail"] == "the migrations of the database are not at head"


@pytest.mark.parametrize(
    "url",
    ["sqlite+aiosqlite:////nowhere/at/all.db", "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"],
    ids=["missing-folder", "closed-port"],
)
async def test_not_ready_without_a_database(settings: Settings, url: str) -> None:
    async with (
        serving(settings, url) as app,
        AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
    ):
        response = await client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["detail"] == "the database cannot be reached"
