"""What the kit calls in the child, with JSON in and out. Everything that imports Alembic or the app starts here."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect
from sqlalchemy.engine import make_url

from mcp_server.migrations import heads, prove, rehearse
from mcp_server.migrations.counts import Counts
from mcp_server.migrations.engines import engine_of
from mcp_server.migrations.progress import Progress
from mcp_server.migrations.runner import Runner, current
from mcp_server.migrations.scratch import copy_file, on_scratch_server, on_server, on_sqlite
from mcp_server.migrations.target import hosts_of


def address() -> dict[str, Any]:
    """The database of the app's settings, without user and password."""
    url = make_url(_database_url())
    parameters = ((name, value) for name, values in url.normalized_query.items() for value in values)
    return {
        "engine": url.get_backend_name(),
        "hosts": list(hosts_of(url.host, parameters)),
        "port": url.port,
        "database": url.database or "",
        "environment": _environment(),
        "pghost": os.environ.get("PGHOST", "") if url.get_backend_name() == "postgresql" else "",
    }


def state() -> dict[str, Any]:
    """Current revisions and identity of the app's database."""
    return rehearse.database_state(_database_url())


def rehearsal(pending: list[dict[str, str]], start: str | None, local: bool) -> dict[str, Any]:
    """SQL and verdicts of the pending revisions on the app's database."""
    url = _database_url()
    steps = [rehearse.Pending(**one) for one in pending]
    if make_url(url).get_backend_name() == "sqlite":
        return rehearse.rehearse_sqlite(rehearse.sqlite_file(url), steps).as_json()
    return rehearse.rehearse_on_server(url, start, steps, local=local).as_json()


def round_trip(files: list[str], server: str | None) -> dict[str, Any]:
    """Up, down, up on a scratch database: SQLite in memory, or a new database of the server."""
    graph = heads.parse(prove.revision_files(files))

    def work(connection: Connection) -> dict[str, Any]:
        return asdict(prove.round_trip(connection, graph))

    return on_sqlite(work) if server is None else on_scratch_server(server, work)


def drift(files: list[str], server: str | None) -> list[dict[str, Any]]:
    """Models against revisions on a scratch database."""
    graph = heads.parse(prove.revision_files(files))

    def work(connection: Connection) -> list[dict[str, Any]]:
        return [asdict(one) for one in prove.compare(connection, graph)]

    return on_sqlite(work) if server is None else on_scratch_server(server, work)


def upgrade(target: str, progress: str) -> list[str]:
    """Upgrade the app's own database; its revisions afterwards.

    `progress` is a file that tells where it stopped, for servers that cannot take a revision back.
    """
    url = make_url(_database_url())

    def work(connection: Connection) -> list[str]:
        if connection.dialect.name == "sqlite" or engine_of(connection).transactional:
            Runner(connection).upgrade(target)
        else:
            written = Progress(Path(progress))
            with written.following(connection):
                Runner(connection, before=written.begin, after=written.end).upgrade(target)
        return list(current(connection))

    return on_server(url, work)


def downgrade(target: str | None) -> list[str]:
    """Downgrade the app's own database to `target`, None: to before the first revision; its revisions afterwards."""
    url = make_url(_database_url())

    def work(connection: Connection) -> list[str]:
        Runner(connection).downgrade(target)
        return list(current(connection))

    return on_server(url, work)


def row_counts(tables: list[str]) -> dict[str, int | None]:
    """Rows in tables of the app's own database; None for one that is not there. Nothing is created by asking."""
    url = _database_url()
    if make_url(url).get_backend_name() == "sqlite":
        file = rehearse.sqlite_file(url)
        if file is None or not file.exists():
            return dict.fromkeys(tables)

    def work(connection: Connection) -> dict[str, int | None]:
        counts = Counts(connection)
        return {
            table: counts.rows(table) if inspect(connection).has_table(table) else None for table in tables
        }

    return on_server(url, work)


def back_up(source: str, target: str) -> int:
    """Copy a SQLite database, in use or not; the size of the copy in bytes."""
    copy_file(Path(source), Path(target))
    return Path(target).stat().st_size


def _database_url() -> str:
    from app.core.config import get_settings

    return get_settings().database_url


def _environment() -> str:
    from app.core.config import get_settings

    return get_settings().environment
