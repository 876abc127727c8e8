"""Logging in: who gets tokens, who does not, and what it costs."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import bcrypt
import jwt
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from sqlalchemy import func, select, update

from app.core.database import Database
from app.core.passwords import Passwords, Verification
from app.models.refresh_token import RefreshToken
from app.models.user import User
from tests.app.conftest import make_client
from tests.app.factories.user import make_user
from tests.app.sign_in import LOGIN, ME, PASSWORD, bearer, log_in, register


class TestLogin:
    async def test_answers_with_tokens_for_the_user(self, anonymous: AsyncClient) -> None:
        user = await register(anonymous)
        response = await anonymous.post(LOGIN, data={"username": user["email"], "password": PASSWORD})
        tokens = response.json()
        assert set(tokens) == {"access_token", "refresh_token", "token_type", "expires_in"}
        assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 15 * 60)
        assert response.headers["cache-control"] == "no-store"
        payload = jwt.decode(tokens["access_token"], options={"verify_signature": False})
        assert payload["sub"] == str(UUID(payload["sub"])) == user["public_id"]
        assert (await anonymous.get(ME, headers=bearer(tokens))).json() == user

    async def test_takes_the_whole_oauth_form_and_any_case(self, anonymous: AsyncClient) -> None:
        user = await register(anonymous)
        form = {
            "grant_type": "password",
            "username": user["email"].upper(),
            "password": PASSWORD,
            "scope": "",
            "client_id": "docs",
            "client_secret": "none",
        }
        assert (await anonymous.post(LOGIN, data=form)).status_code == 200

    async def test_all_refusals_read_alike(self, anonymous: AsyncClient, database: Database) -> None:
        active, disabled = await register(anonymous), await register(anonymous)
        unusable = await make_user(database)
        async with database.writing() as session:
            disable = (
                update(User).where(User.public_id == UUID(disabled["public_id"])).values(is_active=False)
            )
            await session.execute(disable)
            unusable_email = (
                await session.execute(select(User.email).where(User.id == unusable.id))
            ).scalar_one()
        answers = []
        for username, password in [
            (active["email"], "wrong"),
            ("nobody@example.org", PASSWORD),
            ("not an address", PASSWORD),
            (disabled["email"], PASSWORD),
            (unusable_email, "!"),
        ]:
            response = await anonymous.post(LOGIN, data={"username": username, "password": password})
            answers.append(
                (response.status_code, response.json()["detail"], response.headers["www-authenticate"])
            )
        assert set(answers) == {(401, "the e-mail address or the password is wrong", "Bearer")}

    @pytest.mark.parametrize(
        "form",
        [
            {},
            {"username": "x@example.org"},
            {"password": PASSWORD},
            {"username": "", "password": PASSWORD},
            {"username": "x" * 300, "password": PASSWORD},
            {"username": "x@example.org", "password": "x" * 1025},
            {"username": "nul\0@example.org", "password": PASSWORD},
            {"username": "x@example.org", "password": "nul\0"},
            {"username": "x@example.org", "password": PASSWORD, "client_id": "\0"},
            {"username": "x@example.org", "password": PASSWORD, "grant_type": "client_credentials"},
            {"username": "x@example.org", "password": PASSWORD, "remember_me": "yes"},
        ],
        ids=str,
    )
    async def test_refuses_bad_forms(self, form: dict[str, str], anonymous: AsyncClient) -> None:
        response = await anonymous.post(LOGIN, data=form)
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize("field", ["username", "password"])
    @pytest.mark.parametrize("value", ["%ED%A0%80", "%FF", "%00"], ids=["surrogate", "not-utf-8", "nul"])
    async def test_refuses_undecodable_text(self, field: str, value: str, anonymous: AsyncClient) -> None:
        fields = {"username": "x%40example.org", "password": "secret"} | {field: value}
        response = await anonymous.post(
            LOGIN,
            content="&".join(f"{name}={value}" for name, value in fields.items()),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert response.status_code == 422

    async def test_refuses_json_and_broken_multipart(self, anonymous: AsyncClient) -> None:
        as_json = await anonymous.post(LOGIN, json={"username": "x@example.org", "password": PASSWORD})
        assert as_json.status_code == 422
        for header in ("multipart/form-data", "multipart/form-data; boundary=x"):
            broken = await anonymous.post(LOGIN, content=b"--y\r\n\r\n", headers={"Content-Type": header})
            assert broken.status_code in {400, 422}

    async def test_upgrades_a_bcrypt_hash(self, anonymous: AsyncClient, database: Database) -> None:
        caller = await make_user(database)
        old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
        email = "old-timer@example.org"
        async with database.writing() as session:
            change = update(User).where(User.id == caller.id).values(hashed_password=old, email=email)
            await session.execute(change)
        await log_in(anonymous, email)
        async with database.reading() as session:
            query = select(User.hashed_password).where(User.id == caller.id)
            stored = (await session.execute(query)).scalar_one()
        assert stored.startswith("$argon2id$")
        await log_in(anonymous, email)


class SlowPasswords(Passwords):
    """Something happens to the account while its password is being checked."""

    meanwhile: Callable[[], Awaitable[None]]

    async def verify(self, password: str, hashed: str | None) -> Verification:
        verification = await super().verify(password, hashed)
        await self.meanwhile()
        return verification


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"email": "moved@example.org"}, {"hashed_password": "another"}], ids=str
)
@pytest.mark.parametrize("request_kind", ["login", "change of password"])
async def test_an_account_that_changes_during_the_check(
    change: dict[str, Any], request_kind: str, committing_app: FastAPI
) -> None:
    database: Database = committing_app.state.database

    async def meanwhile() -> None:
        async with database.writing() as session:
            await session.execute(update(User).values(**change))

    async with make_client(committing_app, None) as client:
        user = await register(client)
        tokens = await log_in(client, user["email"])
        slow = SlowPasswords(memory_kib=8, time_cost=1, parallelism=1, concurrency=2, max_waiting=10)
        slow.meanwhile = meanwhile
        committing_app.state.passwords = slow
        if request_kind == "login":
            response = await client.post(LOGIN, data={"username": user["email"], "password": PASSWORD})
        else:
            body = {"password": "a new password", "current_password": PASSWORD}
            response = await client.patch("/api/v1/users/me", json=body, headers=bearer(tokens))
    assert response.status_code == 401
    async with database.reading() as session:
        stored = (await session.execute(select(User.is_active, User.hashed_password))).one()
        sessions = (await session.execute(select(func.count()).select_from(RefreshToken))).scalar_one()
    assert stored.is_active == change.get("is_active", True)
    assert stored.hashed_password == change.get("hashed_password", stored.hashed_password)
    assert sessions == 1


@pytest.mark.parametrize("path", [LOGIN, "/api/v1/users/register"])
async def test_a_full_queue_of_hashes_is_a_503(path: str, anonymous: AsyncClient, app: FastAPI) -> None:
    async def request() -> Response:
        if path == LOGIN:
            form = {"username": "nobody@example.org", "password": PASSWORD}
            return await anonymous.post(path, data=form)
        body = {"email": "nobody@example.org", "password": PASSWORD, "confirm_password": PASSWORD}
        return await anonymous.post(path, json=body)

    passwords: Passwords = app.state.passwords
    passwords._pending += passwords._max_pending  # as if so many were in the queue
    try:
        response = await request()
    finally:
        passwords._pending -= passwords._max_pending
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.headers["content-type"] == "application/problem+json"
    assert (await request()).status_code in {201, 401}
