"""Runs migrations on the connection it is given, else on `database_url`, else on the database of the settings.

Callers that embed Alembic set `config.attributes["connection"]` (a synchronous SQLAlchemy connection) or
`config.attributes["database_url"]`. Nothing here configures logging or prints: standard output may belong to
somebody else.
"""

import asyncio
from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, Column, Connection, DateTime, TypeDecorator, event, pool
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

import app.core.sqlite_batch  # noqa: F401 -- it teaches batch mode what it forgets
from app.models import load_models

LOCK_TIMEOUT_SECONDS = 5
"""How long a migration waits for a lock on a server. A waiting ALTER TABLE blocks every later query on the table."""
LOCK_TIMEOUT = {
    "postgresql": f"SET lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'",
    "mysql": f"SET SESSION lock_wait_timeout = {LOCK_TIMEOUT_SECONDS}",
    "mariadb": f"SET SESSION lock_wait_timeout = {LOCK_TIMEOUT_SECONDS}",
}
MYSQL = ("mysql", "mariadb")
MYSQL_MODE = "SET SESSION sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES'"
"""Conditions may quote names as they do elsewhere, and nothing is cut to fit. Reflection reads it while connecting."""


def database_url() -> str:
    given = context.config.attributes.get("database_url")
    if given is not None:
        return str(given)
    from app.core.config import get_settings

    return get_settings().database_url


def compare_server_default(
    _context: Any,
    _inspected_column: Column[Any],
    metadata_column: Column[Any],
    inspected_default: str | None,
    _metadata_default: Any,
    rendered_metadata_default: str | None,
) -> bool | None:
    """Compare defaults of JSON columns as text: PostgreSQL has no `json = json`. Leave all others to Alembic."""
    if not isinstance(metadata_column.type, JSON):
        return None
    inspected = (inspected_default or "").removesuffix("::jsonb").removesuffix("::json")
    return inspected != (rendered_metadata_default or "")


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write the plain type into a revision: it must still run when the app's own types have changed."""
    if kind == "type" and isinstance(item, TypeDecorator):
        item = item.impl_instance
    if kind == "type" and isinstance(item, DateTime):
        return f"sa.DateTime(timezone={item.timezone})"
    return False


def configure(dialect: str, **options: Any) -> None:
    context.configure(
        target_metadata=load_models(),
        compare_type=True,
        compare_server_default=compare_server_default,
        render_item=render_item,
        render_as_batch=dialect == "sqlite",
        transaction_per_migration=True,
        **options,
    )


def run_offline() -> None:
    """Write the SQL instead of running it."""
    url = make_url(database_url())
    dialect = url.get_backend_name()
    configure(dialect, url=url, literal_binds=True)
    if dialect in MYSQL:
        context.execute(MYSQL_MODE)
    if dialect in LOCK_TIMEOUT:
        context.execute(LOCK_TIMEOUT[dialect])
    with context.begin_transaction():
        context.run_migrations()


def run_on(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        run_on_sqlite(connection)
        return
    if connection.dialect.name in LOCK_TIMEOUT:
        connection.exec_driver_sql(LOCK_TIMEOUT[connection.dialect.name])
        connection.commit()  # or Alembic would take this for the caller's transaction and not commit its own
    configure(connection.dialect.name, connection=connection)
    with context.begin_transaction():
        context.run_migrations()


def run_on_sqlite(connection: Connection) -> None:
    """One real transaction per revision, and no cascade when a batch change rebuilds a table.

    Rebuilding drops the old table; with foreign keys on, that deletes the child rows of ON DELETE CASCADE. They are
    therefore off during the migrations and checked before each revision commits. The driver would commit before
    DDL, which leaves a failed revision half applied: it is switched to explicit transactions instead.
    """
    driver: Any = connection.connection.dbapi_connection
    isolation_level, driver.isolation_level = driver.isolation_level, None
    foreign_keys = connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one()
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    orphans = set(connection.exec_driver_sql("PRAGMA foreign_key_check").all())
    connection.commit()

    def begin(begun: Connection) -> None:
        begun.exec_driver_sql("BEGIN IMMEDIATE")

    def check_foreign_keys(step: Any, **_: Any) -> None:
        found = set(connection.exec_driver_sql("PRAGMA foreign_key_check").all()) - orphans
        if found:
            tables = ", ".join(sorted({f"{child} -> {parent}" for child, _row, parent, _key in found}))
            raise RuntimeError(
                f"revision {step.up_revision_id} leaves {len(found)} rows without their parent: {tables}"
            )

    event.listen(connection, "begin", begin)
    try:
        configure(
            "sqlite", connection=connection, transactional_ddl=True, on_version_apply=check_foreign_keys
        )
        with context.begin_transaction():
            context.run_migrations()
    finally:
        event.remove(connection, "begin", begin)
        connection.rollback()
        connection.exec_driver_sql(f"PRAGMA foreign_keys = {foreign_keys:d}")
        connection.rollback()
        driver.isolation_level = isolation_level


async def run_async() -> None:
    url = make_url(database_url())
    options = {"init_command": MYSQL_MODE} if url.get_backend_name() in MYSQL else {}
    engine = create_async_engine(url, poolclass=pool.NullPool, connect_args=options)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(run_on)
    finally:
        await engine.dispose()


def run_online() -> None:
    given: Connection | None = context.config.attributes.get("connection")
    if given is not None:
        run_on(given)
    else:
        asyncio.run(run_async())


if context.is_offline_mode():
    run_offline()
else:
    run_online()
