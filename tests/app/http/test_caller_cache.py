"""A caller is asked for once in a while, and forgotten as soon as something about them changes."""

from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import update

from app.core import callers
from app.core.config import get_settings
from app.core.context import Caller
from app.core.database import Database
from app.core.tokens import Token
from app.models.user import User
from tests.app.conftest import make_client
from tests.app.factories.user import make_user

PREFIX = get_settings().api_prefix
PRODUCTS = f"{PREFIX}/products"


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
        later = monotonic() + caching_app.state.settings.caller_cache_seconds
        monkeypatch.setattr("app.core.callers.monotonic", lambda: later)
        assert await status_of(client) == 401


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": "moved@example.org"}, None], ids=str)
async def test_a_change_here_is_noticed_at_once(caching_app: FastAPI, change: dict[str, Any] | None) -> None:
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


def make_token(session: UUID | None = None, *, subject: UUID | None = None) -> tuple[Token, Caller]:
    """A token of a login session, and its caller."""
    token = Token(subject or uuid4(), "access", uuid4(), session or uuid4(), expires_at=0)
    return token, Caller(1, token.subject, is_superuser=False)


def test_the_cache_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "MOST", 2)
    cache = callers.CallerCache(5.0)
    (first, one), (second, other) = make_token(), make_token()
    third, _ = make_token(subject=second.subject)
    for token, caller in ((first, one), (first, one), (second, other)):
        cache.keep(token, caller, cache.generation)
    assert [cache.get(token) for token in (first, second, third)] == [one, other, None]
    cache.keep(third, other, cache.generation)
    cache.keep(first, one, cache.generation)
    assert [cache.get(token) for token in (first, second, third)] == [one, None, other]


def test_who_is_forgotten_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "MOST", 2)
    cache, (first, one), (second, other) = callers.CallerCache(5.0), make_token(), make_token()
    for token, caller in ((first, one), (second, other)):
        cache.keep(token, caller, cache.generation)
    cache.forget(first.subject)
    third, another = make_token()
    cache.keep(third, another, cache.generation)
    assert [cache.get(token) for token in (first, second, third)] == [None, other, another]


def test_zero_seconds_keep_nobody() -> None:
    cache, (token, caller) = callers.CallerCache(0), make_token()
    cache.keep(token, caller, cache.generation)
    assert cache.get(token) is None


def test_a_session_is_known_for_its_user_only() -> None:
    cache, (token, caller) = callers.CallerCache(5.0), make_token()
    cache.keep(token, caller, cache.generation)
    assert cache.get(make_token(token.session)[0]) is None
    assert cache.get(make_token(subject=token.subject)[0]) is None


def test_a_user_is_forgotten_in_all_sessions() -> None:
    cache, (token, caller), (other, bystander) = callers.CallerCache(5.0), make_token(), make_token()
    again, _ = make_token(subject=token.subject)
    for each, who in ((token, caller), (again, caller), (other, bystander)):
        cache.keep(each, who, cache.generation)
    cache.forget(token.subject)
    assert [cache.get(each) for each in (token, again, other)] == [None, None, bystander]


def test_who_was_loaded_before_a_change_is_not_kept_after_it() -> None:
    cache, (token, caller) = callers.CallerCache(5.0), make_token()
    loaded_in = cache.generation
    cache.forget(caller.public_id)
    cache.keep(token, caller, loaded_in)
    assert cache.get(token) is None
