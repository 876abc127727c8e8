"""Login sessions: renewed, stolen, ended; no token outlives its session."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import event, func, select, update

from app.core.config import Settings
from app.core.context import Caller
from app.core.database import Database
from app.core.tokens import Tokens
from app.models.refresh_token import RefreshToken
from app.models.user import User
from tests.app.conftest import make_client, serving
from tests.app.factories import numbers
from tests.app.sign_in import ACCOUNT, LOGOUT, ME, PASSWORD, REFRESH, bearer, log_in, register, renew

MOST = 3  # login sessions of a user, in `caching_app`


class TestRefresh:
    async def test_trades_one_pair_for_another(self, anonymous: AsyncClient) -> None:
        first = await log_in(anonymous)
        second = await renew(anonymous, first)
        assert isinstance(second, dict)
        assert second["refresh_token"] != first["refresh_token"]
        assert (await anonymous.get(ME, headers=bearer(second))).status_code == 200
        assert isinstance(await renew(anonymous, second), dict)

    async def test_reuse_ends_the_session_for_good(self, committing_app: FastAPI) -> None:
        """With real commits: the end has to outlive the 401 that it causes."""
        async with make_client(committing_app, None) as client:
            user = await register(client)
            spent, bystander = await log_in(client, user["email"]), await log_in(client, user["email"])
            current = await renew(client, spent)
            assert isinstance(current, dict)
            assert await renew(client, spent) == 401
            assert await status(client, current) == 401
            assert await renew(client, current) == 401  # the thief, or the robbed: nobody can tell
            assert isinstance(await renew(client, bystander), dict)  # another login of the same user

    async def test_one_token_used_twelve_times_at_once(self, committing_app: FastAPI) -> None:
        async with make_client(committing_app, None) as client:
            tokens = await log_in(client)
            answers = await asyncio.gather(*(renew(client, tokens) for _ in range(12)))
            winners = [answer for answer in answers if isinstance(answer, dict)]
            assert [answer for answer in answers if answer == 401] == [401] * 11
            assert [await renew(client, winner) for winner in winners] == [401]

    async def test_ends_with_the_user(self, anonymous: AsyncClient, database: Database) -> None:
        user = await register(anonymous)
        tokens = await log_in(anonymous, user["email"])
        async with database.writing() as session:
            disable = update(User).where(User.public_id == UUID(user["public_id"])).values(is_active=False)
            await session.execute(disable)
        assert await renew(anonymous, tokens) == 401

    async def test_refuses_other_tokens(self, anonymous: AsyncClient, app: FastAPI, caller: Caller) -> None:
        made: Tokens = app.state.tokens
        own = await log_in(anonymous)
        session = made.read(own["refresh_token"], "refresh").session
        hour = timedelta(hours=1)
        for token in (
            "garbage",
            own["access_token"],
            made.issue("refresh", subject=caller.public_id, session=uuid4(), lifetime=hour).encoded,
            made.issue("refresh", subject=caller.public_id, session=uuid4(), lifetime=-hour).encoded,
        ):
            assert await renew(anonymous, {"refresh_token": token}) == 401
        assert isinstance(await renew(anonymous, own), dict)
        foreign = made.issue("refresh", subject=caller.public_id, session=session, lifetime=hour)
        assert await renew(anonymous, {"refresh_token": foreign.encoded}) == 401

    @pytest.mark.parametrize(
        "body",
        [{}, {"refresh_token": ""}, {"refresh_token": "x" * 5000}, {"refresh_token": None}, {"token": "x"}],
    )
    async def test_refuses_bad_bodies(self, body: dict[str, Any], anonymous: AsyncClient) -> None:
        assert (await anonymous.post(REFRESH, json=body)).status_code == 422


async def log_out(client: AsyncClient, tokens: dict[str, Any]) -> None:
    response = await client.post(LOGOUT, headers=bearer(tokens))
    assert (response.status_code, response.content) == (204, b"")


async def change_password(client: AsyncClient, tokens: dict[str, Any]) -> None:
    await change(client, tokens, {"password": "a new password"})


async def change_address(client: AsyncClient, tokens: dict[str, Any]) -> None:
    await change(client, tokens, {"email": f"moved-{next(numbers)}@example.org"})


async def change(client: AsyncClient, tokens: dict[str, Any], values: dict[str, str]) -> None:
    body = {"current_password": PASSWORD, **values}
    assert (await client.patch(ACCOUNT, json=body, headers=bearer(tokens))).status_code == 200


async def reuse_a_spent_token(client: AsyncClient, tokens: dict[str, Any]) -> None:
    assert isinstance(await renew(client, tokens), dict)
    assert await renew(client, tokens) == 401


async def log_in_too_often(client: AsyncClient, tokens: dict[str, Any]) -> None:
    user = (await client.get(ME, headers=bearer(tokens))).json()
    for _ in range(MOST):
        await log_in(client, user["email"])


ENDS = [log_out, change_password, change_address, reuse_a_spent_token, log_in_too_often]
End = Callable[[AsyncClient, dict[str, Any]], Awaitable[None]]


@pytest.mark.parametrize("end", ENDS)
class TestEnd:
    async def test_here_at_once(self, end: End, caching_app: FastAPI) -> None:
        async with make_client(caching_app, None) as client:
            tokens = await log_in(client)
            assert await status(client, tokens) == 200
            await end(client, tokens)
            for method, path in (
                ("GET", ME),
                ("PATCH", ACCOUNT),
                ("POST", LOGOUT),
                ("GET", "/api/v1/products"),
            ):
                refused = await client.request(method, path, json={}, headers=bearer(tokens))
                assert (refused.status_code, refused.headers.get("www-authenticate")) == (401, "Bearer"), path
                assert refused.headers["content-type"] == "application/problem+json"
            assert await renew(client, tokens) == 401

    async def test_elsewhere_after_the_seconds(
        self, end: End, caching_app: FastAPI, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings: Settings = caching_app.state.settings
        async with (
            serving(settings, settings.database_url) as elsewhere,
            make_client(caching_app, None) as client,
            make_client(elsewhere, None) as other,
        ):
            tokens = await log_in(client)
            assert await status(other, tokens) == 200
            await end(client, tokens)
            assert await status(other, tokens) == 200
            late = monotonic() + settings.caller_cache_seconds
            monkeypatch.setattr("app.core.callers.monotonic", lambda: late)
            assert await status(other, tokens) == 401


class TestOthers:
    """What becomes of the same user's other sessions."""

    @pytest.mark.parametrize("end", [log_out, reuse_a_spent_token])
    async def test_go_on(self, end: End, caching_app: FastAPI) -> None:
        async with make_client(caching_app, None) as client:
            here = await log_in(client)
            user = (await client.get(ME, headers=bearer(here))).json()
            there = await log_in(client, user["email"])
            await end(client, here)
            assert await status(client, there) == 200
            assert isinstance(await renew(client, there), dict)

    @pytest.mark.parametrize("end", [change_password, change_address])
    async def test_end_too(self, end: End, caching_app: FastAPI) -> None:
        async with make_client(caching_app, None) as client:
            here = await log_in(client)
            user = (await client.get(ME, headers=bearer(here))).json()
            there = await log_in(client, user["email"])
            assert await status(client, there) == 200
            await end(client, here)
            assert await status(client, there) == 401
            assert await renew(client, there) == 401


class TestNumber:
    """Of a user's sessions."""

    async def test_has_a_bound(self, caching_app: FastAPI) -> None:
        async with make_client(caching_app, None) as client:
            user, bystander = await register(client), await log_in(client)
            logins = [await log_in(client, user["email"]) for _ in range(2 * MOST)]
            statuses = [await status(client, tokens) for tokens in logins]
            assert statuses == [401] * MOST + [200] * MOST
            assert await status(client, bystander) == 200
        assert await count_sessions(caching_app.state.database) == MOST + 1

    async def test_ends_the_one_that_was_renewed_the_longest_time_ago(self, caching_app: FastAPI) -> None:
        async with make_client(caching_app, None) as client:
            user = await register(client)
            oldest, *later = [await log_in(client, user["email"]) for _ in range(MOST)]
            renewed = await renew(client, oldest)
            assert isinstance(renewed, dict)
            await log_in(client, user["email"])
            assert [await status(client, each) for each in (renewed, *later)] == [
                200,
                401,
                *[200] * (MOST - 2),
            ]

    async def test_holds_for_logins_at_once(self, caching_app: FastAPI) -> None:
        async with make_client(caching_app, None) as client:
            user = await register(client)
            await asyncio.gather(*(log_in(client, user["email"]) for _ in range(2 * MOST)))
        assert await count_sessions(caching_app.state.database) == MOST

    async def test_leaves_out_what_has_expired(self, anonymous: AsyncClient, database: Database) -> None:
        user = await register(anonymous)
        await log_in(anonymous, user["email"])
        async with database.writing() as session:
            await session.execute(
                update(RefreshToken).values(expires_at=datetime.now(UTC) - timedelta(days=1))
            )
        await log_in(anonymous, user["email"])
        assert await count_sessions(database) == 1


async def test_who_is_calling_costs_one_statement(
    app: FastAPI, client: AsyncClient, shared_database: Database
) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(shared_database.engine.sync_engine, "before_cursor_execute", note)
    try:
        assert (await client.get(ME)).status_code == 200
    finally:
        event.remove(shared_database.engine.sync_engine, "before_cursor_execute", note)
    selects = [each for each in statements if each.startswith("SELECT")]
    assert len(selects) == 2
    assert ["refresh_tokens" in each for each in selects] == [True, False]


async def count_sessions(database: Database) -> int:
    async with database.reading() as session:
        total: int = (await session.execute(select(func.count()).select_from(RefreshToken))).scalar_one()
    return total


async def status(client: AsyncClient, tokens: dict[str, Any]) -> int:
    return (await client.get(ME, headers=bearer(tokens))).status_code
