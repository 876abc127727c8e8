"""How often one client, or anybody on one account, may try: counted in this process, or in Redis for several.

Fixed windows: one counter a key, which can be given back, so that what succeeded does not count. Their weakness, twice
the number around the turn of a window, is bounded by the second, longer window that each default has. Keys are keyed
digests: neither Redis nor a log learns an address. The e-mail address counts as it is stored, the client's address as
the server gives it (`uvicorn --forwarded-allow-ips` says which proxies may name another); of IPv6 the network of 64
bits, which is what one customer gets.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from time import monotonic, time
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from limits import RateLimitItem, parse_many
from limits.aio.storage import RedisStorage
from limits.errors import StorageError

from app.core.config import Settings
from app.core.errors import Invalid, RateLimited, Unauthenticated
from app.core.extras import MissingExtra
from app.core.local_counts import Counts, LocalCounts

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

REDIS_TIMEOUT_SECONDS = 1.0
REDIS_PAUSE_SECONDS = 10.0
"""How long a Redis that failed is left alone, so that not every request waits for it."""


class RateLimits:
    """One per process. Each method raises RateLimited with the seconds to wait."""

    def __init__(self, settings: Settings) -> None:
        """Raises MissingExtra when Redis is asked for and its client is not installed."""
        limited = settings.rate_limit_enabled
        self._register = parse_many(settings.rate_limit_register) if limited else []
        self._client = parse_many(settings.rate_limit_login_client) if limited else []
        self._account = parse_many(settings.rate_limit_login_account) if limited else []
        self._secret = hashlib.sha256(settings.secret_key.get_secret_value().encode()).digest()
        self._counters = _Counters(settings.redis_url if limited else "")

    async def new_address(self, client: str) -> None:
        """Count a registration or a change of address, whatever becomes of it: each tells whether an address is taken."""
        await self._take(self._register, self._key("register", network(client)))

    @asynccontextmanager
    async def login(self, client: str, email: str) -> AsyncIterator[None]:
        """Count a login at once, against the client first and then the account; give it back unless it is refused.

        A client that has used up its own tries no longer counts against the accounts that it names.
        """
        by_client, by_account = self._key("login client", network(client)), self._key("login account", email)
        await self._take(self._client, by_client)
        await self._take(self._account, by_account)
        async with self._forgiven((self._client, by_client), (self._account, by_account)):
            yield

    @asynccontextmanager
    async def password_check(self, user: UUID) -> AsyncIterator[None]:
        """Count that somebody who is logged in names the current password; give it back unless it is wrong."""
        key = self._key("password", str(user))
        await self._take(self._account, key)
        async with self._forgiven((self._account, key)):
            yield

    async def close(self) -> None:
        await self._counters.close()

    async def _take(self, items: Sequence[RateLimitItem], key: str) -> None:
        for item in items:
            wait = await self._counters.take(item, key)
            if wait:
                log.warning("rate_limit.exceeded", limit=str(item), seconds=wait)
                raise RateLimited(wait)

    @asynccontextmanager
    async def _forgiven(self, *taken: tuple[Sequence[RateLimitItem], str]) -> AsyncIterator[None]:
        """Give back what was taken unless the block refuses what it was given: a database that is away is no wrong guess."""
        try:
            yield
        except (Unauthenticated, Invalid):
            raise
        except Exception:
            await self._give_back(taken)
            raise
        await self._give_back(taken)

    async def _give_back(self, taken: Sequence[tuple[Sequence[RateLimitItem], str]]) -> None:
        for items, key in taken:
            for item in items:
                await self._counters.give_back(item, key)

    def _key(self, kind: str, identity: str) -> str:
        return hashlib.blake2b(f"{kind}:{identity}".encode(), key=self._secret, digest_size=16).hexdigest()


def network(address: str) -> str:
    """What counts as one client: an IPv4 address, an IPv6 network of 64 bits, or the name of anything else."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)


class _Counters:
    """Counts in Redis; in this process where there is none, or while it does not answer.

    Failing open would invite to push Redis over first, failing closed would lock everybody out with it.
    """

    def __init__(self, redis_url: str) -> None:
        self._local = LocalCounts()
        self._pool = _redis_pool(redis_url) if redis_url else None
        self._shared: Counts | None = None
        if self._pool is not None:
            self._shared = RedisStorage(
                f"async+{redis_url}",
                wrap_exceptions=True,
                implementation="redispy",
                key_prefix="rate-limits",
                connection_pool=self._pool,  # type: ignore[arg-type]  # declared for scalars, documented for pools
            )
        self._down_until = 0.0

    async def take(self, item: RateLimitItem, key: str) -> int:
        """Count one try; 0 if it is within the limit, otherwise the seconds until the next may be."""
        storage = self._storage()
        try:
            return await _take(storage, item, key)
        except StorageError as error:
            self._redis_failed(error)
            return await _take(self._local, item, key)

    async def give_back(self, item: RateLimitItem, key: str) -> None:
        try:
            await _give_back(self._storage(), item, key)
        except StorageError as error:
            self._redis_failed(error)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()

    def _storage(self) -> Counts:
        return self._local if self._shared is None or monotonic() < self._down_until else self._shared

    def _redis_failed(self, error: StorageError) -> None:
        """Logged once a pause, not once a request."""
        if monotonic() >= self._down_until:
            log.warning("rate_limits.redis_failed", error_type=type(error.storage_error).__name__)
        self._down_until = monotonic() + REDIS_PAUSE_SECONDS


async def _take(storage: Counts, item: RateLimitItem, key: str) -> int:
    name = item.key_for(key)
    if await storage.incr(name, item.get_expiry()) <= item.amount:
        return 0
    return max(1, ceil(await storage.get_expiry(name) - time()))


async def _give_back(storage: Counts, item: RateLimitItem, key: str) -> None:
    name = item.key_for(key)
    if await storage.get(name) > 0:  # the window may have ended meanwhile
        await storage.incr(name, item.get_expiry(), amount=-1)


def _redis_pool(url: str) -> "ConnectionPool":
    try:
        from redis.asyncio import ConnectionPool
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError as error:
        raise MissingExtra("REDIS_URL", "redis") from error
    return ConnectionPool.from_url(
        url,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 1),  # once: the connection may have been closed while it was idle
    )
