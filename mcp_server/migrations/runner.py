"""Runs the workspace's revisions on a given connection, one by one. In the child only.

Two fences keep a scratch run off the real database: the connection is handed to `alembic/env.py`, and DATABASE_URL
names the same database, for an env.py that would ignore the connection. Afterwards the version table of the connection
must have moved.
"""

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection

from mcp_server.workspace.errors import KitError, Problem

Watch = Callable[[str, bool, Connection], None]
"""Called with a revision, whether it was an upgrade, and the connection."""


def ignore(_revision: str, _upgrade: bool, _connection: Connection) -> None:
    """Watch nothing."""


class Runner:
    """Upgrades and downgrades a connection. `before` and `after` are called around each revision, outside its
    transaction (what they write must be committed by them)."""

    def __init__(self, connection: Connection, *, before: Watch = ignore, after: Watch = ignore) -> None:
        self.connection = connection
        self.script = ScriptDirectory.from_config(config())
        self._before = before
        self._after = after

    def upgrade(self, target: str) -> None:
        """To the revision `target`. Raises what a revision raises; those before it stay applied."""

        def fn(heads: Any, _context: MigrationContext) -> Iterator[MigrationStep]:
            scripts = reversed(list(self.script.iterate_revisions(target, heads, implicit_base=True)))
            yield from self._watched(scripts, upgrade=True)

        self._run(fn)
        self._must_be_at((target,))

    def downgrade(self, target: str | None) -> None:
        """Back to the revision `target`; None: to before the first one."""

        def fn(heads: Any, _context: MigrationContext) -> Iterator[MigrationStep]:
            scripts = self.script.iterate_revisions(heads, target or "base", select_for_downgrade=True)
            yield from self._watched(scripts, upgrade=False)

        self._run(fn)
        self._must_be_at((target,) if target else ())

    def _watched(self, scripts: Iterable[Script], *, upgrade: bool) -> Iterator[MigrationStep]:
        # Alembic asks for the next step only when the last one is committed.
        make = MigrationStep.upgrade_from_script if upgrade else MigrationStep.downgrade_from_script
        for script in scripts:
            self._before(script.revision, upgrade, self.connection)
            yield make(self.script.revision_map, script)
            self._after(script.revision, upgrade, self.connection)

    def _run(self, fn: Callable[..., Any]) -> None:
        settings = config()
        settings.attributes["connection"] = self.connection
        url = self.connection.engine.url.render_as_string(hide_password=False)
        settings.attributes["database_url"] = url
        _point_settings_at(url)
        with EnvironmentContext(settings, self.script, fn=fn):
            self.script.run_env()

    def _must_be_at(self, expected: tuple[str, ...]) -> None:
        found = current(self.connection)
        if found != expected:
            raise KitError(
                Problem(
                    "MIG030",
                    "alembic/env.py",
                    f"the connection it was given is at {', '.join(found) or 'base'}, not at "
                    f"{', '.join(expected) or 'base'}: it migrates another one",
                    'Use config.attributes["connection"] where it is set',
                )
            )


def config() -> Config:
    """The workspace's alembic.ini, with output kept away from standard output."""
    sink = io.StringIO()
    return Config(Path("alembic.ini").absolute(), stdout=sink, output_buffer=sink)


def _point_settings_at(url: str) -> None:
    """Have the app's settings name this database from now on, also if they were read before."""
    os.environ["DATABASE_URL"] = url
    forget = getattr(getattr(sys.modules.get("app.core.config"), "get_settings", None), "cache_clear", None)
    if forget is not None:
        forget()


def first_line(error: Exception) -> str:
    """What a revision, or the database in it, raised: the kind and the beginning."""
    original = getattr(error, "orig", None) or error
    text = str(original).strip().partition("\n")[0]
    return f"{type(original).__name__}: {text}"


def current(connection: Connection) -> tuple[str, ...]:
    """The revisions the database says it has; empty for a database without a version table."""
    context = MigrationContext.configure(connection)
    found = tuple(sorted(context.get_current_heads()))
    connection.rollback()
    return found


def offline_sql(url: str, start: str | None, target: str, *, before: Callable[[str], None]) -> str:
    """The SQL script from one revision to another; `before` is called with each revision.

    Raises what a revision raises that needs a live database.
    """
    settings = config()
    settings.attributes["database_url"] = url
    _point_settings_at(url)
    script = ScriptDirectory.from_config(settings)

    def fn(heads: Any, _context: MigrationContext) -> Iterator[MigrationStep]:
        for one in reversed(list(script.iterate_revisions(target, heads, implicit_base=True))):
            before(one.revision)
            yield MigrationStep.upgrade_from_script(script.revision_map, one)

    with EnvironmentContext(settings, script, fn=fn, as_sql=True, starting_rev=start, destination_rev=target):
        script.run_env()
    sink: io.StringIO = settings.output_buffer  # type: ignore[assignment]
    return sink.getvalue()
