"""Too many tries over HTTP: 429 with the time to wait, on the routes that take passwords, per client and per account."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.core.config import Settings
from tests.app.conftest import serving
from tests.app.databases import committed_copy
from tests.app.document import operations

EMAIL, PASSWORD, WRONG = "ada@example.org", "correct horse battery", "wrong horse battery"
PREFIX = "/api/v1"


@pytest.fixture
async def limited_app(settings: Settings, database_url: str, tmp_path: Path) -> AsyncIterator[FastAPI]:
    limited = settings.model_copy(update={"rate_limit_enabled": True})
    async with committed_copy(database_url, tmp_path) as url, serving(limited, url) as app:
        yield app


def client_at(app: ASGIApp, address: str = "192.0.2.1") -> AsyncClient:
    return AsyncClient(transport=ASGITransport(app, client=(address, 1)), base_url="http://test")


async def register(client: AsyncClient, email: str = EMAIL) -> Response:
    body = {"email": email, "password": PASSWORD, "confirm_password": PASSWORD}
    return await client.post(f"{PREFIX}/users/register", json=body)


async def log_in(client: AsyncClient, email: str = EMAIL, password: str = WRONG, **headers: str) -> Response:
    form = {"username": email, "password": password}
    return await client.post(f"{PREFIX}/auth/login", data=form, headers=headers)


async def test_25_wrong_passwords_in_a_row(limited_app: FastAPI, capsys: pytest.CaptureFixture[str]) -> None:
    async with client_at(limited_app) as client:
        await register(client)
        answers = [await log_in(client) for _ in range(25)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 20
    for answer in answers[5:]:
        assert answer.headers["content-type"] == "application/problem+json"
        assert 1 <= int(answer.headers["retry-after"]) <= 3600
        assert answer.json()["title"] == "Too Many Requests"
    logged = capsys.readouterr().err
    assert "rate_limit.exceeded" in logged
    assert EMAIL not in logged


async def test_an_account_that_is_unknown_is_limited_alike(limited_app: FastAPI) -> None:
    async with client_at(limited_app) as client:
        answers = [await log_in(client, "nobody@example.org") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]


async def test_many_clients_on_one_account_in_any_spelling(limited_app: FastAPI) -> None:
    statuses = []
    for number, email in enumerate([EMAIL, EMAIL.upper()] * 3):
        async with client_at(limited_app, f"192.0.2.{number}") as client:
            statuses.append((await log_in(client, email)).status_code)
    assert statuses == [401] * 5 + [429]


async def test_one_client_on_many_accounts(limited_app: FastAPI) -> None:
    async with client_at(limited_app) as client:
        answers = [await log_in(client, f"user-{number}@example.org") for number in range(21)]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429]


async def test_the_right_password_is_never_too_often(limited_app: FastAPI) -> None:
    async with client_at(limited_app) as client:
        await register(client)
        answers = [await log_in(client, password=PASSWORD) for _ in range(30)]
    assert {answer.status_code for answer in answers} == {200}


async def test_registrations_of_one_client(limited_app: FastAPI) -> None:
    async with client_at(limited_app) as client, client_at(limited_app, "192.0.2.2") as another:
        answers = [await register(client, f"user-{number}@example.org") for number in range(21)]
        assert [answer.status_code for answer in answers] == [201] * 20 + [429]
        assert (await register(another)).status_code == 201


async def test_new_addresses_of_one_client(limited_app: FastAPI) -> None:
    """A 409 tells that an address is taken, here as at the registration."""
    async with client_at(limited_app) as client:
        for email in (EMAIL, "taken@example.org"):
            assert (await register(client, email)).status_code == 201
        token = (await log_in(client, password=PASSWORD)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        change = {"email": "taken@example.org", "current_password": PASSWORD}
        answers = [await client.patch(f"{PREFIX}/users/me", json=change) for _ in range(19)]
    assert [answer.status_code for answer in answers] == [409] * 18 + [429]


async def test_wrong_current_passwords(limited_app: FastAPI) -> None:
    """Whoever has stolen an access token must not guess the password with it."""
    async with client_at(limited_app) as client:
        await register(client)
        token = (await log_in(client, password=PASSWORD)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        change = {"password": "another password", "current_password": "wrong"}
        answers = [await client.patch(f"{PREFIX}/users/me", json=change) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [422] * 5 + [429]
        assert (await client.patch(f"{PREFIX}/users/me", json={"full_name": "Ada"})).status_code == 200


@pytest.mark.parametrize(("trusted", "statuses"), [("192.0.2.1", {401}), ("192.0.2.99", {401, 429})])
async def test_only_a_trusted_proxy_names_the_client(
    trusted: str, statuses: set[int], limited_app: FastAPI
) -> None:
    """uvicorn does the reading, as `--forwarded-allow-ips` tells it; the service itself never looks at the header."""
    behind = ProxyHeadersMiddleware(limited_app, trusted_hosts=trusted)  # type: ignore[arg-type]  # uvicorn's own types
    async with client_at(behind) as client:  # type: ignore[arg-type]  # the same
        answers = [
            await log_in(client, f"user-{number}@example.org", **{"X-Forwarded-For": f"198.51.100.{number}"})
            for number in range(25)
        ]
    assert {answer.status_code for answer in answers} == statuses


def test_the_limited_routes_say_so() -> None:
    declared = {each.id for each in operations() if "429" in each.definition["responses"]}
    assert declared == {"register_user", "login", "update_me"}
