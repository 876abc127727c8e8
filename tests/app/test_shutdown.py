"""SIGTERM to a real server: the request under way is answered and committed, then everything is closed."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from app.core.config import Settings
from app.core.database import Database
from app.models.user import User
from tests.app.databases import committed_copy
from tests.app.server import server_process

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


async def read_until(stream: asyncio.StreamReader | None, text: bytes) -> None:
    assert stream is not None
    async for line in stream:
        if text in line:
            return
    raise AssertionError(f"the server never said {text!r}")


async def test_a_request_under_way_is_finished(url: str, settings: Settings) -> None:
    async with server_process(url) as server:
        reader, writer = await asyncio.open_connection(*server.address)
        writer.write(HEAD)
        # The server says this when the app asks for the body: now the request is under way.
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        server.process.send_signal(signal.SIGTERM)
        await read_until(server.process.stderr, b"Shutting down")
        writer.write(BODY)
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 201 "), answer
        assert b"connection: close" in answer.lower()
        await read_until(server.process.stderr, b"Application shutdown complete")
        writer.close()
        assert await server.process.wait() in {0, -signal.SIGTERM}
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*server.address)
    if url.startswith("sqlite"):  # the last connection that is closed in order takes the log away
        assert not Path(f"{make_url(url).database}-wal").exists()
    database = Database(settings.model_copy(update={"database_url": url}))
    async with database.reading() as session:
        stored = select(func.count()).select_from(User).where(User.email == "last@example.org")
        assert (await session.execute(stored)).scalar_one() == 1
    await database.close()
