"""A body that is too large, on a real socket: refused and hung up on long before it has been sent."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.app.databases import committed_copy
from tests.app.server import Server, server_process

BODY_BYTES = 20_000_000
LIMIT_BYTES = 1_000_000
CHUNK = b"x" * 65_536
DECLARED = b"Content-Length: %d\r\n\r\n" % BODY_BYTES
UNDECLARED = b"Transfer-Encoding: chunked\r\n\r\n"
HEAD = b"POST /api/v1/users/register HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


def chunked(part: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(part), part)


@pytest.fixture(scope="module")
async def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    async with (
        committed_copy(database_url, folder) as url,
        server_process(url, MAX_BODY_BYTES=str(LIMIT_BYTES)) as server,
    ):
        yield server


async def pour(writer: asyncio.StreamWriter, chunk: bytes) -> None:
    """Send the whole body; ConnectionError when the other side hangs up on it."""
    for _ in range(BODY_BYTES // len(CHUNK)):
        writer.write(chunk)
        await writer.drain()
        await asyncio.sleep(0)  # let the transport notice


async def test_a_length_that_is_too_much_is_refused_before_the_body(server: Server) -> None:
    assert (await answer_to(server, DECLARED)).startswith(b"HTTP/1.1 413 ")


async def test_a_body_of_no_declared_length_is_refused_as_soon_as_it_is_too_large(server: Server) -> None:
    just_too_much = [chunked(CHUNK)] * (LIMIT_BYTES // len(CHUNK) + 1)
    assert (await answer_to(server, UNDECLARED, *just_too_much)).startswith(b"HTTP/1.1 413 ")


async def answer_to(server: Server, *parts: bytes) -> bytes:
    """All that comes back before the server hangs up, although the request never ends."""
    reader, writer = await asyncio.open_connection(*server.address)
    writer.writelines([HEAD, *parts])
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize(
    ("head", "chunk"), [(DECLARED, CHUNK), (UNDECLARED, chunked(CHUNK))], ids=["declared", "undeclared"]
)
async def test_the_rest_is_not_read(head: bytes, chunk: bytes, server: Server) -> None:
    """Whoever goes on sending is cut off, and may then not see the answer any more: that is TCP."""
    _reader, writer = await asyncio.open_connection(*server.address)
    writer.write(HEAD + head)
    with pytest.raises(ConnectionError):
        await pour(writer, chunk)
    writer.close()
