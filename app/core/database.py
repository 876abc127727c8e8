"""The database as units of work: `reading()` autocommits each statement, `writing()` is one transaction."""

import asyncio
import math
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, CursorResult, DateTime, Dialect, Executable, TypeDecorator, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from app.core import mysql
from app.core.config import Settings
from app.core.errors import Busy
from app.core.extras import MissingExtra

_RECYCLE_SECONDS = 1800
"""Shorter than proxies and servers keep an idle connection (MySQL: 8 hours)."""


class ReadSession(AsyncSession):
    """Every statement stands alone and nothing can be written. Rows hold columns: entities are for writing units.

    Statements go straight to the connection: loading entities, which nobody asks for, was an eighth of a request.
    """

    async def execute(self, statement: Executable, params: Any = None, **_options: Any) -> Any:
        if statement.is_dml:
            raise TypeError("a reading unit cannot write: take a writing one")
        return await self.run_sync(_on_connection, statement, params)

    async def scalar(self, statement: Executable, params: Any = None, **_options: Any) -> Any:
        return (await self.execute(statement, params)).scalar()

    async def scalars(self, statement: Executable, params: Any = None, **_options: Any) -> Any:
        return (await self.execute(statement, params)).scalars()

    async def stream(self, statement: Executable, params: Any = None, **_options: Any) -> Any:
        raise TypeError("a reading unit answers with all rows at once")

    async def flush(self, objects: Any = None) -> None:
        raise TypeError("a reading unit cannot write: take a writing one")


def _on_connection(session: Session, statement: Executable, params: Any) -> CursorResult[Any]:
    return session.connection().execute(statement, params)


class WriteSession(AsyncSession):
    """One transaction: committed by the unit of work, rolled back on any error."""


class Database:
    """Owns the engine and hands out units of work. One per process, made and closed by the app's lifespan.

    Units wait their turn in order: the pool alone is not first come, first served, and lets some requests starve.
    """

    def __init__(self, settings: Settings) -> None:
        url = make_url(settings.database_url)
        backend, timeout = url.get_backend_name(), settings.database_timeout_seconds
        options: dict[str, Any] = {"hide_parameters": True}  # they hold addresses and password hashes
        if backend == "sqlite":
            options["connect_args"] = {"timeout": timeout}
        else:
            # No ping before each use: it costs a round trip, and a connection that the server dropped is one 503.
            options.update(max_overflow=0, pool_recycle=_RECYCLE_SECONDS, pool_timeout=timeout)
        if backend == "postgresql":
            limits = {"lock_timeout": timeout, "statement_timeout": settings.database_statement_seconds}
            options["connect_args"] = {
                "timeout": timeout,
                "server_settings": {name: _milliseconds(seconds) for name, seconds in limits.items()},
            }
        if backend in mysql.BACKENDS:
            options.update(mysql.engine_options(timeout, settings.database_statement_seconds))
        if url.database not in {None, "", ":memory:"}:
            options["pool_size"] = settings.database_pool_size
        self.engine: AsyncEngine = _create_engine(url, options)
        if backend == "sqlite":
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        if backend in mysql.BACKENDS:
            event.listen(self.engine.sync_engine, "handle_error", mysql.as_broken_rule, retval=True)
        self._turn = _Turns(settings.database_pool_size, timeout)
        autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._readers = async_sessionmaker(autocommit, class_=ReadSession, expire_on_commit=False)
        self._writers = async_sessionmaker(self.engine, class_=WriteSession, expire_on_commit=False)

    def reading(self) -> AbstractAsyncContextManager[ReadSession]:
        return self._reading()

    def writing(self) -> AbstractAsyncContextManager[WriteSession]:
        return self._writing()

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[ReadSession]:
        async with self._turn:
            session = self._readers()
            try:
                yield session
            finally:
                await session.close()

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[WriteSession]:
        async with self._turn:
            session = self._writers()
            try:
                yield session
                await _commit(session)
            finally:
                await session.close()  # rolls back what was not committed

    async def close(self) -> None:
        await self.engine.dispose()


class _Turns(asyncio.Semaphore):
    """Who waits too long is told so: behind a database that hangs, the queue would only grow."""

    def __init__(self, at_once: int, timeout_seconds: float) -> None:
        super().__init__(at_once)
        self._timeout_seconds = timeout_seconds

    async def acquire(self) -> Literal[True]:
        """Raises Busy."""
        if not self.locked():
            return await super().acquire()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await super().acquire()
        except TimeoutError as error:
            raise Busy from error


def _milliseconds(seconds: float) -> str:
    return str(math.ceil(seconds * 1000))  # 0 would be no limit


def _create_engine(url: URL, options: dict[str, Any]) -> AsyncEngine:
    try:
        return create_async_engine(url, **options)
    except ModuleNotFoundError as error:
        if error.name != "asyncmy":
            raise
        raise MissingExtra("DATABASE_URL", "mysql") from error


async def _commit(session: AsyncSession) -> None:
    try:
        await session.commit()
    except BaseException:
        # SQLite keeps a transaction open whose COMMIT failed, SQLAlchemy takes it for closed: back in the pool, the
        # connection would hold the write lock for ever and hand the rows on to the next request.
        await session.invalidate()
        raise


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # SQLite's own lower() knows ASCII only; searches must find É by é on every database.
    connection.create_function("lower", 1, _lower, deterministic=True)
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    # Safe against crashes in WAL mode, one fsync fewer a commit.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a read lock that turns into a write lock fails at once when two do it."""
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


class _NaiveUtc(TypeDecorator[datetime]):
    """For databases that keep no offset: UTC goes in, UTC comes out."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.replace(tzinfo=UTC)


UtcDateTime = DateTime(timezone=True).with_variant(_NaiveUtc(), "sqlite", *mysql.BACKENDS)
"""An instant. Aware values only; they come back in UTC on every database."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    """The date in UTC."""
    return utc_now().date()
