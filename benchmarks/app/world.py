"""The database that both servers share: a scratch one, migrated by Alembic, seeded, dropped at the end."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import asyncpg  # type: ignore[import-untyped]
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, make_url

from app.core.config import Settings
from app.core.passwords import Passwords
from app.core.tokens import Tokens
from benchmarks.extras import ROOT

SERVER = os.environ.get("BENCHMARK_DATABASE_URL", "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres")
SECRET = "benchmark-" + uuid4().hex  # a new one for each run
PASSWORD = "correct horse battery staple"  # noqa: S105 -- of users that live for one run
VISITOR = "visitor@example.org"
READERS = 50
PRODUCTS_EACH = 200
CATEGORIES = 10


class NoServer(Exception):
    """There is no PostgreSQL to measure on; the text says where it was looked for."""


@dataclass(frozen=True)
class World:
    """What the load is made of. Only the writer ever gets new rows, and loses them after each round."""

    url: URL
    tokens: list[str]
    products: list[list[UUID]]
    writer_token: str
    email: str

    @property
    def dsn(self) -> str:
        """What asyncpg takes."""
        return _dsn(self.url)


@asynccontextmanager
async def seeded_world() -> AsyncIterator[World]:
    """Raises NoServer when nothing answers at BENCHMARK_DATABASE_URL."""
    server = make_url(SERVER)
    name = f"kit_bench_{uuid4().hex[:12]}"
    try:
        await _execute(server, f"CREATE DATABASE {name}")
    except (OSError, asyncpg.PostgresError) as error:
        where = server.render_as_string(hide_password=True)
        raise NoServer(f"no PostgreSQL at {where} ({type(error).__name__})") from error
    url = server.set(database=name)
    try:
        config = Config(ROOT / "alembic.ini")
        config.set_main_option("script_location", str(ROOT / "alembic"))
        config.attributes["database_url"] = url.render_as_string(hide_password=False)
        await asyncio.to_thread(command.upgrade, config, "head")
        yield await _seed(url)
    finally:
        await _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


async def forget_writes(world: World) -> None:
    """Delete what the writer made, so that every round meets the same tables."""
    connection = await asyncpg.connect(world.dsn)
    try:
        await connection.execute(
            "DELETE FROM products WHERE owner_id = (SELECT id FROM users WHERE email = 'writer@example.org')"
        )
        await connection.execute(
            "DELETE FROM refresh_tokens WHERE public_id NOT IN (SELECT public_id FROM users)"
        )
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def addresses(world: World, like: str) -> set[str]:
    """The registered addresses that match a LIKE pattern."""
    connection = await asyncpg.connect(world.dsn)
    try:
        return {row[0] for row in await connection.fetch("SELECT email FROM users WHERE email LIKE $1", like)}
    finally:
        await connection.close()


async def _seed(url: URL) -> World:
    settings = Settings(_env_file=None)
    hashed = await Passwords(
        memory_kib=settings.password_memory_kib,
        time_cost=settings.password_time_cost,
        parallelism=settings.password_parallelism,
        concurrency=1,
        max_waiting=1,
    ).hash(PASSWORD)
    now = datetime.now(UTC)
    readers = [uuid4() for _ in range(READERS)]
    writer = uuid4()
    users = [
        (public_id, f"reader-{number}@example.org", f"Reader {number}", hashed, True, False, now, now)
        for number, public_id in enumerate(readers)
    ]
    users.append((writer, "writer@example.org", "Writer", hashed, True, False, now, now))
    # Nobody else's, because so many logins end the sessions that the tokens belong to.
    users.append((uuid4(), VISITOR, "Visitor", hashed, True, False, now, now))
    products = [[uuid4() for _ in range(PRODUCTS_EACH)] for _ in readers]
    connection = await asyncpg.connect(_dsn(url))
    try:
        await connection.copy_records_to_table(
            "users", records=users, columns=["public_id", "email", "full_name", "hashed_password", "is_active", "is_superuser", "created_at", "updated_at"],
        )  # fmt: skip
        await connection.copy_records_to_table(
            "categories",
            records=[(uuid4(), f"Category {number}", None, now, now) for number in range(CATEGORIES)],
            columns=["public_id", "name", "description", "created_at", "updated_at"],
        )
        await connection.execute(
            "INSERT INTO refresh_tokens (public_id, user_id, token_id, expires_at, created_at, updated_at) "
            "SELECT public_id, id, public_id, created_at + interval '1 day', created_at, created_at FROM users"
        )
        owners = await connection.fetch("SELECT id FROM users ORDER BY id")
        categories = await connection.fetch("SELECT id FROM categories ORDER BY id")
        rows = [
            (
                public_id,
                f"Product {owner}-{number}",
                f"SKU-{owner}-{number}",
                f"What there is to say about product {number} of reader {owner}.",
                Decimal(number) + Decimal("0.99"),
                ("draft", "active", "archived")[number % 3],
                number % 2 == 0,
                categories[number % CATEGORIES][0],
                owners[owner][0],
                now - timedelta(seconds=number),
                now,
            )
            for owner, public_ids in enumerate(products)
            for number, public_id in enumerate(public_ids)
        ]
        await connection.copy_records_to_table(
            "products", records=rows, columns=["public_id", "name", "sku", "description", "price", "status", "in_stock", "category_id", "owner_id", "created_at", "updated_at"],
        )  # fmt: skip
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return World(url, [_token(each) for each in readers], products, _token(writer), VISITOR)


def _token(subject: UUID) -> str:
    """Of a login session that has the user's public id."""
    settings = Settings(_env_file=None)
    tokens = Tokens(secret=SECRET, issuer=settings.token_issuer, audience=settings.token_audience)
    return tokens.issue("access", subject=subject, session=subject, lifetime=timedelta(hours=4)).encoded


def _dsn(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


async def _execute(url: URL, statement: str) -> None:
    connection = await asyncpg.connect(_dsn(url))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
