"""Counting tries: per client and per account, in this process and in Redis, also while Redis is away."""

import asyncio
import secrets
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from app.core import rate_limits
from app.core.config import Settings
from app.core.errors import Busy, Invalid, RateLimited, Unauthenticated
from app.core.rate_limits import RateLimits, network
from tests.app.redis_server import REDIS_URL, needs_redis

EMAIL = "ada@example.org"
BACKENDS = ["", pytest.param(REDIS_URL, marks=needs_redis)]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine that is busy with tests, an answer may take longer than a service would wait for it."""
    monkeypatch.setattr(rate_limits, "REDIS_TIMEOUT_SECONDS", 60.0)


def limited(url: str = "", secret: str = "", **limits: str) -> Settings:
    """Limits of their own, even on a Redis that others use: keys depend on the secret."""
    values = {"secret_key": secret or secrets.token_hex(16), "redis_url": url, **limits}
    return Settings.model_validate({"environment": "test", "rate_limit_enabled": True, **values})


@asynccontextmanager
async def counting(settings: Settings) -> AsyncIterator[RateLimits]:
    limits = RateLimits(settings)
    yield limits
    await limits.close()


async def fail(limits: RateLimits, client: str = "192.0.2.1", email: str = EMAIL) -> str:
    """What a login with a wrong password ends in."""
    try:
        async with limits.login(client, email):
            refuse()
    except (Unauthenticated, RateLimited) as error:
        return type(error).__name__
    return "let in"


def refuse() -> None:
    raise Unauthenticated("wrong")


async def fails(limits: RateLimits, times: int) -> list[str]:
    return [await fail(limits) for _ in range(times)]


@pytest.mark.parametrize("url", BACKENDS)
async def test_the_sixth_failure_on_an_account_is_limited_whoever_tries(url: str) -> None:
    async with counting(limited(url)) as limits:
        results = [await fail(limits, client=f"192.0.2.{number}") for number in range(7)]
        assert results == ["Unauthenticated"] * 5 + ["RateLimited"] * 2
        assert await fail(limits, email="another@example.org") == "Unauthenticated"


@pytest.mark.parametrize("url", BACKENDS)
async def test_a_client_is_limited_over_all_accounts_and_then_locks_out_nobody(url: str) -> None:
    async with counting(limited(url, rate_limit_login_client="3/minute")) as limits:
        results = [await fail(limits, email=f"{number}@example.org") for number in range(3)]
        assert results == ["Unauthenticated"] * 3
        assert await fails(limits, 20) == ["RateLimited"] * 20
        assert await fail(limits, client="192.0.2.2") == "Unauthenticated"


@pytest.mark.parametrize("url", BACKENDS)
async def test_failures_side_by_side_are_all_counted(url: str) -> None:
    async with counting(limited(url)) as limits:
        results = await asyncio.gather(*(fail(limits) for _ in range(20)))
    assert sorted(results) == ["RateLimited"] * 15 + ["Unauthenticated"] * 5


@pytest.mark.parametrize("url", BACKENDS)
async def test_only_refusals_count(url: str) -> None:
    async with counting(limited(url)) as limits:
        for _ in range(30):
            async with limits.login("192.0.2.1", EMAIL):
                pass
            for trouble in (Busy(), ConnectionRefusedError("the database is away")):
                with pytest.raises(type(trouble)):
                    async with limits.login("192.0.2.1", EMAIL):
                        raise trouble
        assert await fails(limits, 6) == ["Unauthenticated"] * 5 + ["RateLimited"]


@pytest.mark.parametrize("url", BACKENDS)
async def test_a_try_whose_window_has_ended_buys_no_other(url: str) -> None:
    """Given back into a new window, it would be one more than the limit."""
    async with counting(limited(url)) as limits:
        async with limits.login("192.0.2.1", EMAIL):
            key, counts = limits._key("login account", EMAIL), limits._counters._storage()
            for item in limits._account:
                await counts.incr(item.key_for(key), item.get_expiry(), amount=-1)  # as in a new window
        assert await fails(limits, 6) == ["Unauthenticated"] * 5 + ["RateLimited"]


async def test_the_wait_is_that_of_the_window_that_is_full() -> None:
    async with counting(limited(rate_limit_register="2/minute;3/hour")) as limits:
        for _ in range(2):
            await limits.new_address("192.0.2.1")
        with pytest.raises(RateLimited) as minute:
            await limits.new_address("192.0.2.1")
        assert 1 <= minute.value.retry_after_seconds <= 60
    async with counting(limited(rate_limit_register="9/minute;3/hour")) as limits:
        for _ in range(3):
            await limits.new_address("192.0.2.1")
        with pytest.raises(RateLimited) as hour:
            await limits.new_address("192.0.2.1")
        assert 60 < hour.value.retry_after_seconds <= 3600


async def test_wrong_current_passwords_are_limited_per_user() -> None:
    async with counting(limited()) as limits:
        user = uuid4()
        for _ in range(5):
            with pytest.raises(Invalid):
                async with limits.password_check(user):
                    raise Invalid("wrong", "body", "current_password")
        with pytest.raises(RateLimited):
            async with limits.password_check(user):
                pass
        async with limits.password_check(uuid4()):
            pass


async def test_off_means_off() -> None:
    settings = limited("redis://127.0.0.1:1/0").model_copy(update={"rate_limit_enabled": False})
    async with counting(settings) as limits:
        assert await fails(limits, 30) == ["Unauthenticated"] * 30


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_what_counts_as_one_client(address: str, counted: str) -> None:
    assert network(address) == counted


@needs_redis
async def test_processes_count_together_and_redis_learns_no_address() -> None:
    settings = limited(REDIS_URL)
    async with counting(settings) as one, counting(settings) as other:
        assert await fails(one, 3) + await fails(other, 3) == ["Unauthenticated"] * 5 + ["RateLimited"]
    async with Redis.from_url(REDIS_URL) as redis:
        keys = [key async for key in redis.scan_iter("rate-limits:*")]
    assert keys
    assert not any(b"@" in key or b"192.0.2" in key for key in keys)


@needs_redis
async def test_while_redis_is_away_each_process_counts_for_itself() -> None:
    port, secret = unused_port(), secrets.token_hex(16)
    away, reached = limited(f"redis://127.0.0.1:{port}/0", secret), limited(REDIS_URL, secret)
    async with counting(away) as limits, counting(reached) as other:
        with capture_logs() as logged:
            assert await fails(limits, 6) == ["Unauthenticated"] * 5 + ["RateLimited"]
        assert [line["event"] for line in logged].count("rate_limits.redis_failed") == 1
        async with forwarding(port):
            limits._counters._down_until = 0.0  # as if the pause were over
            assert await fails(limits, 2) == ["Unauthenticated"] * 2
            assert await fails(other, 4) == ["Unauthenticated"] * 3 + ["RateLimited"]
        assert await fail(limits) == "RateLimited"


@needs_redis
async def test_a_redis_that_goes_away_meanwhile_does_not_undo_a_success() -> None:
    port = unused_port()
    async with counting(limited(f"redis://127.0.0.1:{port}/0")) as limits, AsyncExitStack() as redis:
        await redis.enter_async_context(forwarding(port))
        with capture_logs() as logged:
            async with limits.login("192.0.2.1", EMAIL):
                await redis.aclose()
    assert [line["event"] for line in logged] == ["rate_limits.redis_failed"]


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def forwarding(port: int) -> AsyncIterator[None]:
    """Redis at another port, for a while."""
    redis = urlsplit(REDIS_URL)
    writers: list[asyncio.StreamWriter] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(redis.hostname, redis.port)
        writers.extend((writer, back))
        await asyncio.gather(pump(reader, back), pump(there, writer))

    async with await asyncio.start_server(connect, "127.0.0.1", port):
        yield
        for writer in writers:
            writer.close()


def test_a_missing_client_names_the_extra() -> None:
    """In a process of its own, where `redis` cannot be imported."""
    code = (
        "import sys; sys.modules['redis'] = None\n"
        "from app.core.config import Settings; from app.core.rate_limits import RateLimits\n"
        "RateLimits(Settings(_env_file=None)); print('memory works')\n"
        "RateLimits(Settings(redis_url='redis://127.0.0.1', _env_file=None))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    assert (ended.stdout, ended.returncode) == ("memory works\n", 1)
    assert "REDIS_URL needs an extra: pip install 'fastapi-agent-kit[redis]'" in ended.stderr
