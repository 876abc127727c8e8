"""A thousand registrations at once against a real server: who was told 201 is there, nobody else is, killed or not."""

import asyncio
import json
import resource
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.core.config import Settings
from app.core.database import Database
from app.models.user import User
from tests.app.databases import committed_copy
from tests.app.server import Address, server_process

PEOPLE = 1000
CHEAP = {
    "PASSWORD_MEMORY_KIB": "8",
    "PASSWORD_TIME_COST": "1",
    "RATE_LIMIT_ENABLED": "false",
    "LOG_LEVEL": "warning",
    "DATABASE_TIMEOUT_SECONDS": "60",  # all of them wait for their turn at once
}
ADDRESSES = [f"burst-{number}@example.org" for number in range(PEOPLE)]


@pytest.fixture
async def url(database_url: str, tmp_path: Path) -> AsyncIterator[str]:
    async with committed_copy(database_url, tmp_path) as url:
        yield url


@pytest.fixture(autouse=True)
def enough_sockets() -> Iterator[None]:
    """The limit of open files, often 1,024, raised for this process and its servers as far as it may go."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if 0 < hard < 65_536 else 65_536, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def register(server: Address, email: str) -> tuple[int, str]:
    """The status and the value of Retry-After; 0 where the connection broke before there was an answer."""
    body = json.dumps({"email": email, "password": "long enough", "confirm_password": "long enough"}).encode()
    head = (
        "POST /api/v1/users/register HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    try:
        reader, writer = await asyncio.open_connection(*server)
        writer.write(head.encode() + body)
        answer = (await reader.read()).decode().lower()
        writer.close()
    except OSError:
        return 0, ""
    status, _, headers = answer.partition("\r\n\r\n")[0].partition("\r\n")
    waits = [
        line.partition(":")[2].strip() for line in headers.split("\r\n") if line.startswith("retry-after:")
    ]
    return int(status.split()[1]) if status else 0, "".join(waits)


async def stored(settings: Settings, url: str) -> set[str]:
    database = Database(settings.model_copy(update={"database_url": url}))
    async with database.reading() as session:
        addresses = set((await session.execute(select(User.email))).scalars())
    await database.close()
    return addresses


@pytest.mark.parametrize("waiting", [PEOPLE, 5], ids=["room-for-all", "more-than-may-wait"])
async def test_all_at_once(waiting: int, url: str, settings: Settings) -> None:
    async with server_process(url, PASSWORD_MAX_WAITING=str(waiting), **CHEAP) as server:
        answers = await asyncio.gather(*(register(server.address, email) for email in ADDRESSES))
        assert await register(server.address, "afterwards@example.org") == (201, "")
    statuses = {status for status, _ in answers}
    assert 201 in statuses <= {201, 503}, Counter(answers)  # a busy database also sends people away
    assert waiting == PEOPLE or 503 in statuses
    assert all(wait.isdigit() for status, wait in answers if status == 503)
    created = {email for email, (status, _) in zip(ADDRESSES, answers, strict=True) if status == 201}
    assert await stored(settings, url) == {*created, "afterwards@example.org"}


async def test_killed_half_way(url: str, settings: Settings) -> None:
    """SIGKILL when half of the people have their 201: nothing is written back, nothing is closed in order."""
    acknowledged = set()
    async with server_process(url, PASSWORD_MAX_WAITING=str(PEOPLE), **CHEAP) as server:

        async def sign_up(email: str) -> int:
            status, _ = await register(server.address, email)
            if status == 201:
                acknowledged.add(email)
                if len(acknowledged) == PEOPLE // 2:
                    server.process.kill()
            return status

        statuses = await asyncio.gather(*map(sign_up, ADDRESSES))
        assert await server.process.wait() == -signal.SIGKILL
    assert {0, 201} <= set(statuses) <= {0, 201, 503}, Counter(statuses)
    async with server_process(url, **CHEAP) as server:
        assert await register(server.address, "afterwards@example.org") == (201, "")
        taken = next(iter(acknowledged))
        assert (await register(server.address, taken))[0] == 409
    found = await stored(settings, url)
    assert acknowledged - found == set()
    assert found - {*ADDRESSES, "afterwards@example.org"} == set()
