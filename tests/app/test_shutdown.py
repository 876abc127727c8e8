"""SIGTERM to a real server: the request under way is answered and committed, then everything is closed."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from app.core.config import Settings
from app.core.database import Database
from app.models.user import User
from tests.app.databases import ROOT, committed_copy

BODY = json.dumps(
    {"email": "last@example.org", "password": "correct horse", "confirm_password": "correct horse"}
).encode()
HEAD = (
    b"POST /api/v1/users/register HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(BODY)
)


@pytest.fixture
async def url(database_url: str, tmp_path: Path) -> AsyncIterator[str]:
    async with committed_copy(database_url, tmp_path) as url:
        yield url


async def serve(listener: socket.socket, url: str) -> asyncio.subprocess.Process:
    """uvicorn as the Dockerfile starts it, on a socket that is open already: no port has to be guessed or awaited."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "uvicorn", "--factory", "app.main:create_app"),
        *("--fd", str(listener.fileno()), "--timeout-graceful-shutdown", "30"),
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "ENVIRONMENT": "test"},
        pass_fds=[listener.fileno()],
        stderr=asyncio.subprocess.PIPE,
    )


async def read_until(stream: asyncio.StreamReader | None, text: bytes) -> None:
    assert stream is not None
    async for line in stream:
        if text in line:
            return
    raise AssertionError(f"the server never said {text!r}")


async def test_a_request_under_way_is_finished(url: str, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        server = await serve(listener, url)
    try:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(HEAD)
        # The server says this when the app asks for the body: now the request is under way.
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        server.send_signal(signal.SIGTERM)
        await read_until(server.stderr, b"Shutting down")
        writer.write(BODY)
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 201 "), answer
        assert b"connection: close" in answer.lower()
        await read_until(server.stderr, b"Application shutdown complete")
        writer.close()
        assert await server.wait() in {0, -signal.SIGTERM}
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*address)
    finally:
        if server.returncode is None:
            server.kill()
            await server.wait()
    if url.startswith("sqlite"):  # the last connection that is closed in order takes the log away
        assert not Path(f"{make_url(url).database}-wal").exists()
    database = Database(settings.model_copy(update={"database_url": url}))
    async with database.reading() as session:
        stored = select(func.count()).select_from(User).where(User.email == "last@example.org")
        assert (await session.execute(stored)).scalar_one() == 1
    await database.close()
