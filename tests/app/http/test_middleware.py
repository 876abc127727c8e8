"""What surrounds every response, also those that no endpoint made: request id, security headers, one access line."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from starlette.responses import StreamingResponse

from app.core.config import Settings
from app.main import create_app


@pytest.fixture
def broken_app(settings: Settings) -> FastAPI:
    """The service as in production, with routes that fail in every way."""
    production = {
        "environment": "production",
        "cors_origins": ["https://shop.example.org"],
        "log_level": "info",
    }
    app = create_app(settings.model_copy(update=production))

    @app.get("/fails")
    async def fails() -> None:
        raise RuntimeError("a secret of the implementation")

    @app.get("/breaks-off")
    async def breaks_off() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"first"
            raise RuntimeError("half way")

        return StreamingResponse(parts())

    @app.get("/cached", response_model=None)
    async def cached() -> StreamingResponse:
        return StreamingResponse(iter([b"x"]), headers={"Cache-Control": "max-age=60"})

    return app


@pytest.fixture
async def client(broken_app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Passes on what the app raises, as a server would get it."""
    transport = ASGITransport(broken_app)
    async with broken_app.router.lifespan_context(broken_app), AsyncClient(transport=transport) as client:
        client.base_url = "http://test"
        yield client


def access_lines(text: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in text.splitlines()]
    return [line for line in lines if line["event"] == "request.finished"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health/live", 200),
        ("GET", "/nowhere", 404),
        ("DELETE", "/health/live", 405),
        ("GET", "/api/v1/users/me", 401),
        ("POST", "/api/v1/users/register", 422),
        ("GET", "/fails", 500),
    ],
)
async def test_every_response_is_enveloped(method: str, path: str, status: int, client: AsyncClient) -> None:
    response = await client.request(method, path)
    assert response.status_code == status
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["strict-transport-security"].startswith("max-age=")
    assert response.headers["cache-control"] == "no-store"
    assert re.fullmatch("[0-9a-f]{32}", response.headers["x-request-id"])
    if status >= 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["request_id"] == response.headers["x-request-id"]


async def test_too_large_a_body_is_enveloped(client: AsyncClient, settings: Settings) -> None:
    response = await client.post("/api/v1/users/register", content=b"x" * (settings.max_body_bytes + 1))
    assert response.status_code == 413
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-request-id"]


async def test_a_body_of_undeclared_length_is_told_the_limit(client: AsyncClient, settings: Settings) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(2):
            yield b"x" * settings.max_body_bytes

    response = await client.post(
        "/api/v1/users/register", content=parts(), headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 413
    assert response.json()["detail"] == f"a body has at most {settings.max_body_bytes} bytes"


async def test_a_body_that_cannot_be_decoded_is_told_why(client: AsyncClient) -> None:
    response = await client.post(
        "/api/v1/users/register", content=b'{"email": "\xff"}', headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 400
    assert "UTF-8" in response.json()["detail"]


async def test_no_strict_transport_in_development(settings: Settings) -> None:
    async with AsyncClient(transport=ASGITransport(create_app(settings)), base_url="http://test") as client:
        assert "strict-transport-security" not in (await client.get("/health/live")).headers


async def test_an_endpoint_may_allow_caching(client: AsyncClient) -> None:
    assert (await client.get("/cached")).headers["cache-control"] == "max-age=60"


@pytest.mark.parametrize("given", ["a", "trace-1.2_3", "x" * 64])
async def test_request_id_is_taken_over(given: str, client: AsyncClient) -> None:
    response = await client.get("/nowhere", headers={"X-Request-ID": given})
    assert response.headers["x-request-id"] == response.json()["request_id"] == given


@pytest.mark.parametrize("given", [b"", b"x" * 65, b"a b", b"a\xff", b"<script>", b"a;b", b'a"b'])
async def test_request_id_is_replaced(given: bytes, client: AsyncClient) -> None:
    response = await client.get("/nowhere", headers=[(b"X-Request-ID", given)])
    assert re.fullmatch("[0-9a-f]{32}", response.headers["x-request-id"])


async def test_one_access_line_without_the_query(
    client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    await client.get("/nowhere?password=hunter2", headers={"X-Request-ID": "abc"})
    captured = capsys.readouterr().err
    (line,) = access_lines(captured)
    assert (line["method"], line["path"], line["status"], line["request_id"]) == (
        "GET",
        "/nowhere",
        404,
        "abc",
    )
    assert line["level"] == "info"
    assert line["milliseconds"] >= 0
    assert "hunter2" not in "".join(each for each in captured.splitlines() if "HTTP Request" not in each)


async def test_successful_probes_are_not_logged(
    client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    await client.get("/health/live")
    assert access_lines(capsys.readouterr().err) == []
    await client.get("/health/nothing")
    assert len(access_lines(capsys.readouterr().err)) == 1


async def test_an_unexpected_error_is_logged_once_and_not_told(
    client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    response = await client.get("/fails", headers={"X-Request-ID": "abc"})
    assert "secret" not in response.text
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    told = [line for line in lines if "a secret of the implementation" in json.dumps(line)]
    assert [(line["event"], line["request_id"], line["level"]) for line in told] == [
        ("request.failed", "abc", "error")
    ]
    assert [line["status"] for line in lines if line["event"] == "request.finished"] == [500]


async def test_a_response_that_breaks_off_reaches_the_server(client: AsyncClient) -> None:
    """Only the server can close the connection, and an unfinished answer must not look finished."""
    with pytest.raises(RuntimeError, match="half way"):
        await client.get("/breaks-off")


async def test_cors(client: AsyncClient) -> None:
    preflight = {"Origin": "https://shop.example.org", "Access-Control-Request-Method": "PATCH"}
    allowed = await client.options("/api/v1/users/me", headers=preflight)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example.org"
    assert allowed.headers["x-request-id"]
    refused = await client.options(
        "/api/v1/users/me", headers=preflight | {"Origin": "https://evil.example.org"}
    )
    assert "access-control-allow-origin" not in refused.headers
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert refused.json()["detail"] == "Disallowed CORS origin"
    assert refused.headers["vary"] == allowed.headers["vary"]
