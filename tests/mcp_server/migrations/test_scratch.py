"""Scratch databases: gone afterwards, and copies of a live SQLite file hold what was committed."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from mcp_server.migrations.scratch import copy_file, on_scratch_server, on_sqlite


async def test_a_scratch_server_database_is_gone_afterwards(server: str) -> None:
    names: list[str] = []

    def fails(connection: Connection) -> None:
        names.append(connection.execute(text("SELECT current_database()")).scalar_one())
        raise LookupError

    with pytest.raises(LookupError):
        await asyncio.to_thread(on_scratch_server, server, fails)
    left = await asyncio.to_thread(on_scratch_server, server, _databases)
    assert names[0].startswith("kit_")
    assert names[0] not in left


def _databases(connection: Connection) -> list[str]:
    return list(connection.execute(text("SELECT datname FROM pg_database")).scalars())


def test_copies_include_the_write_ahead_log(tmp_path: Path) -> None:
    live = sqlite3.connect(tmp_path / "app.db")
    live.execute("PRAGMA journal_mode = WAL")
    live.execute("CREATE TABLE t (x)")
    live.execute("INSERT INTO t VALUES (1)")
    live.commit()  # still in the log: nobody has closed the database
    try:
        rows = on_sqlite(
            lambda one: one.execute(text("SELECT x FROM t")).scalars().all(), tmp_path / "app.db"
        )
        copy_file(tmp_path / "app.db", tmp_path / "copy.db")
    finally:
        live.close()
    copied = sqlite3.connect(tmp_path / "copy.db")
    assert copied.execute("SELECT x FROM t").fetchall() == [(1,)]
    copied.close()
    assert list(rows) == [1]
    assert not list(tmp_path.glob("*.partial"))
