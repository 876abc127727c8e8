"""Databases made for one question and thrown away: SQLite in memory, a copy of a SQLite file, one on a server.

In the child only. Work is a function of a synchronous connection, whatever the driver.
"""

import asyncio
import contextlib
import secrets
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, pool, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from mcp_server.migrations.engines import engine_at, engine_of

Result = TypeVar("Result")
Work = Callable[[Connection], Result]

IN_MEMORY_BYTES = 64 * 1024 * 1024
"""Larger SQLite files are copied to a file instead of into memory."""
ABANDONED_SECONDS = 3600


def on_sqlite(work: Work[Result], source: Path | None = None) -> Result:
    """`work` on an empty SQLite database, or on a copy of the file `source` (its write-ahead log included)."""
    with contextlib.ExitStack() as stack:
        place = ":memory:"
        if source is not None and source.stat().st_size > IN_MEMORY_BYTES:
            folder = stack.enter_context(tempfile.TemporaryDirectory(dir=Path(".kit/scratch")))
            place = str(Path(folder) / "copy.db")
        engine = create_engine(f"sqlite+pysqlite:///{place}", poolclass=pool.StaticPool)
        stack.callback(engine.dispose)
        connection = stack.enter_context(engine.connect())
        if source is not None:
            driver: Any = connection.connection.dbapi_connection
            with reading_file(source) as original:
                original.backup(driver)
        return work(connection)


@contextlib.contextmanager
def reading_file(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a SQLite file that cannot write to it."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        yield connection
    finally:
        connection.close()


def copy_file(source: Path, target: Path) -> None:
    """A consistent copy of a SQLite database in use, made through SQLite and synced; `target` appears complete."""
    partial = target.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    copy = sqlite3.connect(partial)
    try:
        copy.execute("PRAGMA synchronous = FULL")
        with reading_file(source) as original:
            original.backup(copy)
    finally:
        copy.close()
    partial.replace(target)


def on_server(url: str | URL, work: Work[Result]) -> Result:
    """`work` on a database of a server, through its asynchronous driver."""
    return asyncio.run(_on_server(make_url(url), work))


async def _on_server(url: URL, work: Work[Result]) -> Result:
    options = {} if url.get_backend_name() == "sqlite" else dict(engine_at(url).connect)
    engine = create_async_engine(url, poolclass=pool.NullPool, connect_args=options)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def on_scratch_server(server: str, work: Work[Result]) -> Result:
    """`work` on a new database of the server at the address `server`, dropped afterwards."""
    return asyncio.run(_on_scratch_server(make_url(server), work))


async def _on_scratch_server(server: URL, work: Work[Result]) -> Result:
    engine = engine_at(server)
    name = f"kit_{int(time.time())}_{secrets.token_hex(4)}_scratch"
    maintenance = create_async_engine(server, poolclass=pool.NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with maintenance.connect() as connection:
            await connection.run_sync(_drop_abandoned)
            await connection.exec_driver_sql(engine.create.format(name=name))
        try:
            return await _on_server(server.set(database=name), work)
        finally:
            async with maintenance.connect() as connection:
                await connection.exec_driver_sql(engine.drop.format(name=name))
    finally:
        await maintenance.dispose()


def _drop_abandoned(connection: Connection) -> None:
    """Drop scratch databases that a killed process left behind an hour ago or earlier."""
    engine = engine_of(connection)
    for (name,) in connection.execute(text(engine.scratch_names)).all():
        made = name.split("_")[1]
        if made.isdigit() and time.time() - int(made) > ABANDONED_SECONDS:
            connection.exec_driver_sql(engine.drop.format(name=name))
