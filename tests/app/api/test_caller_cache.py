"""A caller is asked for once in a while, and forgotten as soon as something about them changes."""

from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import update

from app.core import callers
from app.core.config import Settings, get_settings
from app.core.context import Caller
from app.core.database import Database
from app.models.user import User
from tests.app.conftest import make_client, serving
from tests.app.databases import committed_copy
from tests.app.factories.user import make_user

PREFIX = get_settings().api_prefix
PRODUCTS = f"{PREFIX}/products"


@pytest.fixture
async def caching_app(settings: Settings, database_url: str, tmp_path: Path) -> AsyncIterator[FastAPI]:
    remembering = settings.model_copy(update={"caller_cache_seconds": 5.0})
    async with committed_copy(database_url, tmp_path) as url, serving(remembering, url) as app:
        yield app


async def disable(database: Database, caller: Caller) -> None:
    """Behind the back of the service, as another process would."""
    async with database.writing() as session:
        await session.execute(update(User).where(User.id == caller.id).values(is_active=False))


async def status_of(client: AsyncClient) -> int:
    return (await client.get(PRODUCTS)).status_code


async def test_a_change_elsewhere_is_noticed_after_the_seconds(
    caching_app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = await make_user(caching_app.state.database)
    async with make_client(caching_app, caller) as client:
        assert await status_of(client) == 200
        await disable(caching_app.state.database, caller)
        assert await status_of(client) == 200
        later = monotonic() + 5
        monkeypatch.setattr("app.core.callers.monotonic", lambda: later)
        assert await status_of(client) == 401


@pytest.mark.parametrize("change", [{"is_active": False}, None])
async def test_a_change_here_is_noticed_at_once(caching_app: FastAPI, change: dict[str, bool] | None) -> None:
    caller = await make_user(caching_app.state.database)
    superuser = await make_user(caching_app.state.database, is_superuser=True)
    async with make_client(caching_app, caller) as client, make_client(caching_app, superuser) as admin:
        assert await status_of(client) == 200
        path = f"{PREFIX}/users/{caller.public_id}"
        done = await (admin.patch(path, json=change) if change else admin.delete(path))
        assert done.status_code in {200, 204}
        assert await status_of(client) == 401


async def test_superusers_are_asked_for_every_time(caching_app: FastAPI) -> None:
    superuser = await make_user(caching_app.state.database, is_superuser=True)
    async with make_client(caching_app, superuser) as client:
        assert (await client.get(f"{PREFIX}/users")).status_code == 200
        await disable(caching_app.state.database, superuser)
        assert (await client.get(f"{PREFIX}/users")).status_code == 401


def test_the_cache_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "MOST", 2)
    cache = callers.CallerCache(5.0)
    known = [Caller(number, uuid4(), is_superuser=False) for number in range(3)]
    for caller in known:
        cache.keep(caller, cache.generation)
    assert [cache.get(caller.public_id) for caller in known] == [None, None, known[2]]


def test_zero_seconds_keep_nobody() -> None:
    cache, caller = callers.CallerCache(0), Caller(1, uuid4(), is_superuser=False)
    cache.keep(caller, cache.generation)
    assert cache.get(caller.public_id) is None


def test_who_was_loaded_before_a_change_is_not_kept_after_it() -> None:
    cache, caller = callers.CallerCache(5.0), Caller(1, uuid4(), is_superuser=False)
    loaded_in = cache.generation
    cache.forget(caller.public_id)
    cache.keep(caller, loaded_in)
    assert cache.get(caller.public_id) is None
