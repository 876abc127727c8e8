"""A body that is too large, on a real socket: refused and hung up on long before it has been sent."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.app.databases import committed_copy
from tests.app.server import Server, server_process

BODY_BYTES = 20_000_000
CHUNK = b"x" * 65_536
HEAD = b"POST /api/v1/users/register HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
async def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    async with committed_copy(database_url, folder) as url, server_process(url) as server:
        yield server


async def pour(writer: asyncio.StreamWriter, chunk: bytes) -> None:
    """Send the whole body; ConnectionError when the other side hangs up on it."""
    for _ in range(BODY_BYTES // len(CHUNK)):
        writer.write(chunk)
        await writer.drain()
        await asyncio.sleep(0)  # let the transport notice


async def test_a_length_that_is_too_much_is_refused_before_the_body(server: Server) -> None:
    reader, writer = await asyncio.open_connection(*server.address)
    writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % BODY_BYTES)
    answer = await reader.read()  # to the end: the server hangs up
    assert answer.startswith(b"HTTP/1.1 413 ")
    writer.close()


@pytest.mark.parametrize(
    ("head", "chunk"),
    [
        (b"Content-Length: %d\r\n\r\n" % BODY_BYTES, CHUNK),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%s\r\n" % (len(CHUNK), CHUNK)),
    ],
    ids=["content-length", "chunked"],
)
async def test_the_rest_is_not_read(head: bytes, chunk: bytes, server: Server) -> None:
    reader, writer = await asyncio.open_connection(*server.address)
    answer = asyncio.ensure_future(reader.readuntil(b"\r\n\r\n"))
    writer.write(HEAD + head)
    with pytest.raises(ConnectionError):
        await pour(writer, chunk)
    assert (await answer).startswith(b"HTTP/1.1 413 ")
    writer.close()
