"""Users who sign in with a password over HTTP, as clients do."""

from typing import Any

from httpx2 import AsyncClient

from tests.app.factories import numbers

PASSWORD = "correct horse battery"
LOGIN, REFRESH, LOGOUT, ME = (f"/api/v1/auth/{route}" for route in ("login", "refresh", "logout", "me"))
ACCOUNT = "/api/v1/users/me"


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
