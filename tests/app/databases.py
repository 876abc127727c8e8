"""Databases for tests: one per run, migrated by Alembic, on whichever server TEST_DATABASE_URL names."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.core.config import Settings
from app.core.database import Database, ReadSession, WriteSession

ROOT = Path(__file__).parents[2]


async def migrate(url: str) -> None:
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "alembic"))
    config.attributes["database_url"] = url
    await asyncio.to_thread(command.upgrade, config, "head")


@asynccontextmanager
async def scratch_database(folder: Path) -> AsyncIterator[str]:
    """The URL of an empty, migrated database that is gone afterwards."""
    server = os.environ.get("TEST_DATABASE_URL")
    if server is None:
        url = f"sqlite+aiosqlite:///{folder / 'test.db'}"
        await migrate(url)
        yield url
        return
    name = f"kit_{uuid4().hex[:12]}_test"
    await _run_on_server(make_url(server), f"CREATE DATABASE {name}")
    try:
        url = make_url(server).set(database=name).render_as_string(hide_password=False)
        await migrate(url)
        yield url
    finally:
        await _run_on_server(make_url(server), f"DROP DATABASE {name}")


@asynccontextmanager
async def committed_copy(url: str, folder: Path) -> AsyncIterator[str]:
    """The URL of a copy of a migrated database, for tests that need real commits; gone afterwards."""
    source = make_url(url)
    if source.get_backend_name() == "sqlite":
        copy = folder / f"{uuid4().hex}.db"
        copy.write_bytes(Path(source.database or "").read_bytes())
        yield f"sqlite+aiosqlite:///{copy}"
        return
    name = f"kit_{uuid4().hex[:12]}_test"
    server = make_url(os.environ["TEST_DATABASE_URL"])
    await _run_on_server(server, f"CREATE DATABASE {name}")
    try:
        copy_url = source.set(database=name).render_as_string(hide_password=False)
        await migrate(copy_url)
        yield copy_url
    finally:
        await _run_on_server(server, f"DROP DATABASE {name}")


async def _run_on_server(server: URL, statement: str) -> None:
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    finally:
        await engine.dispose()


class SavepointDatabase(Database):
    """All units share one connection whose transaction the test rolls back; a commit releases a savepoint."""

    def __init__(self, settings: Settings, connection: AsyncConnection) -> None:
        super().__init__(settings)
        self._connection = connection

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[ReadSession]:
        async with ReadSession(self._connection, join_transaction_mode="create_savepoint") as session:
            yield session

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[WriteSession]:
        session = WriteSession(
            self._connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        async with session:
            yield session
            await session.commit()
