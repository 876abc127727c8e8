"""What the Authorization header may hold, on a route that stands for all that need a token."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import jwt
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.core.config import Settings
from app.core.context import Caller
from app.core.database import Database
from tests.app.conftest import make_client
from tests.app.factories.user import make_user
from tests.app.sign_in import ME, log_in


@pytest.fixture
def claims(caller: Caller, settings: Settings) -> dict[str, Any]:
    now = int(datetime.now(UTC).timestamp())
    return {
        "sub": str(caller.public_id),
        "iss": settings.token_issuer,
        "aud": settings.token_audience,
        "iat": now,
        "exp": now + 60,
        "jti": str(uuid4()),
        "sid": str(caller.public_id),
        "type": "access",
    }


async def test_good(anonymous: AsyncClient, claims: dict[str, Any], settings: Settings) -> None:
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
        {"sid": str(uuid4())},
        {"sid": "1"},
    ],
    ids=str,
)
async def test_bad_claims(
    changes: dict[str, Any], anonymous: AsyncClient, claims: dict[str, Any], settings: Settings
) -> None:
    token = jwt.encode(claims | changes, settings.secret_key.get_secret_value(), "HS256")
    await refused(anonymous, f"Bearer {token}".encode())


async def test_none_algorithm(anonymous: AsyncClient, claims: dict[str, Any]) -> None:
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
async def test_garbage(header: bytes, anonymous: AsyncClient) -> None:
    await refused(anonymous, header)


async def test_refresh_token_opens_nothing(anonymous: AsyncClient) -> None:
    tokens = await log_in(anonymous)
    await refused(anonymous, f"Bearer {tokens['refresh_token']}".encode())


async def test_disabled_user(app: FastAPI, database: Database) -> None:
    async with make_client(app, await make_user(database, is_active=False)) as client:
        response = await client.get(ME)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")


async def refused(client: AsyncClient, authorization: bytes) -> None:
    response = await client.get(ME, headers=[(b"Authorization", authorization)])
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["content-type"] == "application/problem+json"
