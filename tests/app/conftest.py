"""Fixtures of the service's tests: one migrated database per run, one rolled-back transaction per test."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app.core.config import Settings
from app.core.context import Caller
from app.core.database import Database
from app.main import create_app
from tests.app.databases import SavepointDatabase, committed_copy, scratch_database
from tests.app.factories.user import make_user
from tests.app.watch import Watch

ClientFor = Callable[[Caller | None], AsyncClient]

# The `.env` of whoever runs the tests is about another service than the one that they make.
Settings.model_config["env_file"] = None


@pytest.fixture(scope="session", autouse=True)
def watch() -> Iterator[Watch]:
    """Sees every response and every log line; its own clients do not write into that log."""
    seen = Watch()
    with pytest.MonkeyPatch.context() as patch:
        seen.install(patch)
        logging.getLogger("httpx2").setLevel(logging.WARNING)
        yield seen


@pytest.fixture(autouse=True)
def nothing_leaks(watch: Watch) -> Iterator[None]:
    """Fails the test that has let an integer key, an internal name or a secret out."""
    yield
    assert watch.take() == []


@pytest.fixture(scope="session")
async def database_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with scratch_database(tmp_path_factory.mktemp("database")) as url:
        yield url


@pytest.fixture(scope="session")
def settings(database_url: str) -> Settings:
    """Cheap hashes, no rate limits and much patience: they are not what most tests are about."""
    return Settings(
        environment="test",
        database_url=database_url,
        database_timeout_seconds=60,
        caller_cache_seconds=0,
        rate_limit_enabled=False,
        password_memory_kib=8,
        password_time_cost=1,
        _env_file=None,
    )


@pytest.fixture(scope="session")
async def shared_database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def shared_app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
async def database(settings: Settings, shared_database: Database) -> AsyncIterator[Database]:
    async with shared_database.engine.connect() as connection:
        transaction = await connection.begin()
        yield SavepointDatabase(settings, connection)
        await transaction.rollback()


@pytest.fixture
def app(shared_app: FastAPI, database: Database) -> FastAPI:
    shared_app.state.database = database
    return shared_app


@pytest.fixture
def client_for(app: FastAPI) -> ClientFor:
    """Makes clients that send a caller's token; None for nobody's."""
    return partial(make_client, app)


def make_client(app: FastAPI, caller: Caller | None) -> AsyncClient:
    client = AsyncClient(transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://test")
    if caller is not None:
        issued = app.state.tokens.issue(
            "access", subject=caller.public_id, session=caller.public_id, lifetime=timedelta(minutes=5)
        )
        client.headers["Authorization"] = f"Bearer {issued.encoded}"
    return client


@pytest.fixture
async def caller(database: Database) -> Caller:
    return await make_user(database)


@pytest.fixture
async def stranger(database: Database) -> Caller:
    return await make_user(database)


@pytest.fixture
async def superuser(database: Database) -> Caller:
    return await make_user(database, is_superuser=True)


@pytest.fixture
async def anonymous(client_for: ClientFor) -> AsyncIterator[AsyncClient]:
    async with client_for(None) as client:
        yield client


@pytest.fixture
async def client(client_for: ClientFor, caller: Caller) -> AsyncIterator[AsyncClient]:
    """Sends `caller`'s token."""
    async with client_for(caller) as client:
        yield client


@pytest.fixture
async def stranger_client(client_for: ClientFor, stranger: Caller) -> AsyncIterator[AsyncClient]:
    async with client_for(stranger) as client:
        yield client


@pytest.fixture
async def superuser_client(client_for: ClientFor, superuser: Caller) -> AsyncIterator[AsyncClient]:
    async with client_for(superuser) as client:
        yield client


@pytest.fixture
async def committing_app(settings: Settings, database_url: str, tmp_path: Path) -> AsyncIterator[FastAPI]:
    """An app on a database of its own, where commits are real and requests may run side by side."""
    async with committed_copy(database_url, tmp_path) as url, serving(settings, url) as app:
        yield app


@pytest.fixture
async def caching_app(settings: Settings, database_url: str, tmp_path: Path) -> AsyncIterator[FastAPI]:
    """As `committing_app`, with a memory for callers, and few login sessions for each."""
    remembering = settings.model_copy(update={"caller_cache_seconds": 60.0, "login_sessions_per_user": 3})
    async with committed_copy(database_url, tmp_path) as url, serving(remembering, url) as app:
        yield app


def serving(settings: Settings, url: str) -> AbstractAsyncContextManager[FastAPI]:
    @asynccontextmanager
    async def run() -> AsyncIterator[FastAPI]:
        app = create_app(settings.model_copy(update={"database_url": url}))
        async with app.router.lifespan_context(app):
            yield app

    return run()
