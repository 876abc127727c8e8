"""Login sessions: begun, renewed, stolen, ended; and every token that must not open a door."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import bcrypt
import jwt
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from sqlalchemy import func, select, update

from app.core.config import Settings
from app.core.context import Caller
from app.core.database import Database
from app.core.passwords import Passwords, Verification
from app.core.tokens import Tokens
from app.models.refresh_token import RefreshToken
from app.models.user import User
from tests.app.conftest import make_client
from tests.app.factories import numbers
from tests.app.factories.user import make_user

PASSWORD = "correct horse battery"
LOGIN, REFRESH, LOGOUT, ME = (f"/api/v1/auth/{route}" for route in ("login", "refresh", "logout", "me"))


async def register(client: AsyncClient) -> dict[str, Any]:
    body = {"email": f"login-{next(numbers)}@example.org", "password": PASSWORD, "confirm_password": PASSWORD}
    response = await client.post("/api/v1/users/register", json=body)
    assert response.status_code == 201
    user: dict[str, Any] = response.json()
    return user


async def log_in(client: AsyncClient, email: str | None = None) -> dict[str, Any]:
    email = email or (await register(client))["email"]
    response = await client.post(LOGIN, data={"username": email, "password": PASSWORD})
    assert response.status_code == 200, response.text
    tokens: dict[str, Any] = response.json()
    return tokens


async def renew(client: AsyncClient, tokens: dict[str, Any]) -> dict[str, Any] | int:
    """The new pair of tokens, or the status of the refusal."""
    response = await client.post(REFRESH, json={"refresh_token": tokens["refresh_token"]})
    if response.status_code != 200:
        assert response.headers["www-authenticate"] == "Bearer"
        return response.status_code
    renewed: dict[str, Any] = response.json()
    return renewed


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


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

    @pytest.mark.parametrize(
        "address",
        [
            "ada@xn--bcher-kva.example.org",
            "e\u0301mile@example.org",
            " ada@example.org ",
            "Ada <ada@example.org>",
        ],
        ids=["punycode", "combining accent", "blanks", "display name"],
    )
    async def test_takes_an_address_as_it_was_registered(self, address: str, anonymous: AsyncClient) -> None:
        """What is stored is the normal form of it, and differs."""
        body = {"email": address, "password": PASSWORD, "confirm_password": PASSWORD}
        assert (await anonymous.post("/api/v1/users/register", json=body)).json()["email"] != address
        await log_in(anonymous, address)

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

    async def test_deletes_what_has_expired(self, anonymous: AsyncClient, database: Database) -> None:
        user = await register(anonymous)
        for _ in range(3):
            await log_in(anonymous, user["email"])
        async with database.writing() as session:
            await session.execute(
                update(RefreshToken).values(expires_at=datetime.now(UTC) - timedelta(days=1))
            )
        await log_in(anonymous, user["email"])
        async with database.reading() as session:
            left = (await session.execute(select(func.count()).select_from(RefreshToken))).scalar_one()
        assert left == 1


class TestRefresh:
    async def test_trades_one_pair_for_another(self, anonymous: AsyncClient) -> None:
        first = await log_in(anonymous)
        second = await renew(anonymous, first)
        assert isinstance(second, dict)
        assert second["refresh_token"] != first["refresh_token"]
        assert (await anonymous.get(ME, headers=bearer(second))).status_code == 200
        assert isinstance(await renew(anonymous, second), dict)

    async def test_reuse_revokes_the_family_for_good(self, committing_app: FastAPI) -> None:
        """With real commits: the revocation has to outlive the 401 that it causes."""
        async with make_client(committing_app, None) as client:
            user = await register(client)
            spent, bystander = await log_in(client, user["email"]), await log_in(client, user["email"])
            current = await renew(client, spent)
            assert isinstance(current, dict)
            assert await renew(client, spent) == 401
            database: Database = committing_app.state.database
            async with database.reading() as session:
                revoked = (await session.execute(select(RefreshToken.revoked_at))).scalars().all()
            assert sorted(stamp is not None for stamp in revoked) == [False, True]
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


class TestLogout:
    async def test_ends_this_session_only(self, anonymous: AsyncClient) -> None:
        user = await register(anonymous)
        here, there = await log_in(anonymous, user["email"]), await log_in(anonymous, user["email"])
        response = await anonymous.post(LOGOUT, headers=bearer(here))
        assert (response.status_code, response.content) == (204, b"")
        assert await renew(anonymous, here) == 401
        assert isinstance(await renew(anonymous, there), dict)
        assert (await anonymous.post(LOGOUT, headers=bearer(here))).status_code == 204

    async def test_needs_a_token(self, anonymous: AsyncClient) -> None:
        assert (await anonymous.post(LOGOUT)).status_code == 401


class TestAccess:
    """What the Authorization header may hold, on a route that stands for all that need a token."""

    @pytest.fixture
    def claims(self, caller: Caller, settings: Settings) -> dict[str, Any]:
        now = int(datetime.now(UTC).timestamp())
        return {
            "sub": str(caller.public_id),
            "iss": settings.token_issuer,
            "aud": settings.token_audience,
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid4()),
            "sid": str(uuid4()),
            "type": "access",
        }

    async def test_good(self, anonymous: AsyncClient, claims: dict[str, Any], settings: Settings) -> None:
        token = jwt.encode(claims, settings.secret_key.get_secret_value(), "HS256")
        response = await anonymous.get(ME, headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 200
        assert response.json()["public_id"] == claims["sub"]

    @pytest.mark.parametrize(
        "changes",
        [
            {"aud": "another"},
            {"iss": "another"},
            {"exp": 1},
            {"type": "refresh"},
            {"sub": "1"},
            {"sub": str(uuid4())},
        ],
        ids=str,
    )
    async def test_bad_claims(
        self, changes: dict[str, Any], anonymous: AsyncClient, claims: dict[str, Any], settings: Settings
    ) -> None:
        token = jwt.encode(claims | changes, settings.secret_key.get_secret_value(), "HS256")
        await refused(anonymous, f"Bearer {token}".encode())

    async def test_none_algorithm(self, anonymous: AsyncClient, claims: dict[str, Any]) -> None:
        unsigned = jwt.encode(claims, "", "none")
        await refused(anonymous, f"Bearer {unsigned}".encode())
        await refused(anonymous, f"Bearer {unsigned.rstrip('.')}".encode())

    @pytest.mark.parametrize(
        "header",
        [
            b"",
            b"Bearer",
            b"Bearer ",
            b"Bearer garbage",
            b"Bearer a.b.c",
            b"Bearer \xff\xfe.\xc3.\xa9",
            b"Bearer " + b"x" * 5000,
            b"Basic dXNlcjpwYXNzd29yZA==",
            b"bearer",
            b"Token abc",
        ],
    )
    async def test_garbage(self, header: bytes, anonymous: AsyncClient) -> None:
        await refused(anonymous, header)

    async def test_refresh_token_opens_nothing(self, anonymous: AsyncClient) -> None:
        tokens = await log_in(anonymous)
        await refused(anonymous, f"Bearer {tokens['refresh_token']}".encode())

    async def test_disabled_user(self, app: FastAPI, database: Database) -> None:
        async with make_client(app, await make_user(database, is_active=False)) as client:
            response = await client.get(ME)
        assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")


async def refused(client: AsyncClient, authorization: bytes) -> None:
    response = await client.get(ME, headers=[(b"Authorization", authorization)])
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["content-type"] == "application/problem+json"


class SlowPasswords(Passwords):
    """Something happens to the account while its password is being checked."""

    meanwhile: Callable[[], Awaitable[None]]

    async def verify(self, password: str, hashed: str | None) -> Verification:
        verification = await super().verify(password, hashed)
        await self.meanwhile()
        return verification


@pytest.mark.parametrize("change", [{"is_active": False}, {"hashed_password": "another"}], ids=str)
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
