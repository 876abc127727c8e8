"""What the trouble of a database looks like from outside: a 503 if it may pass, a 500 if the mistake is ours."""

import asyncio
import socket
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import make_url, select, text

from app.api.deps import PublicReading, PublicWriting
from app.core.config import Settings
from app.core.database import Database
from app.models.user import User
from app.repositories.category import CategoryRepository
from tests.app.conftest import make_client, serving
from tests.app.factories.user import make_user

FORM = {"username": "nobody@example.org", "password": "correct horse battery"}
REGISTRATION = {"email": "x@example.org", "password": "long enough", "confirm_password": "long enough"}


async def log_in(app: FastAPI) -> tuple[int, str | None]:
    async with make_client(app, None) as client:
        response = await client.post("/api/v1/auth/login", data=FORM)
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.headers.get("retry-after")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite+aiosqlite:////nowhere/at/all.db",
        "postgresql+asyncpg://nobody@127.0.0.1:1/nothing",
        "mysql+asyncmy://nobody@127.0.0.1:1/nothing",
        "postgresql+asyncpg://nobody@nowhere.invalid/nothing",
        "mysql+asyncmy://nobody@nowhere.invalid/nothing",
    ],
    ids=[
        "missing-folder",
        "closed-port-postgresql",
        "closed-port-mysql",
        "no-host-postgresql",
        "no-host-mysql",
    ],
)
async def test_a_database_that_is_away(settings: Settings, url: str) -> None:
    async with serving(settings, url) as app:
        assert await log_in(app) == (503, "1")


async def test_a_database_that_does_not_answer(settings: Settings) -> None:
    """Its host takes the connection, and that is all."""
    impatient = settings.model_copy(update={"database_timeout_seconds": 0.01})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+asyncpg://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing"
        async with serving(impatient, url) as app:
            assert await log_in(app) == (503, "1")


async def test_a_database_that_never_has_a_turn_left(settings: Settings, database_url: str) -> None:
    impatient = settings.model_copy(update={"database_pool_size": 1, "database_timeout_seconds": 0.01})
    async with serving(impatient, database_url) as app:
        database: Database = app.state.database
        async with database.reading():
            assert await log_in(app) == (503, "1")
        async with database.reading():
            pass


async def test_a_database_that_is_locked(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "locked.db"
    impatient = settings.model_copy(update={"database_timeout_seconds": 0.01})
    async with serving(impatient, f"sqlite+aiosqlite:///{file}") as app, make_client(app, None) as client:
        holder = sqlite3.connect(file, isolation_level=None)
        holder.execute("PRAGMA journal_mode = WAL")
        holder.execute("BEGIN IMMEDIATE")
        response = await client.post("/api/v1/users/register", json=REGISTRATION)
        holder.close()
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")


async def test_a_deadlock(committing_app: FastAPI) -> None:
    database: Database = committing_app.state.database
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time: nothing can lock crosswise")
    keys = [(await make_user(database)).id for _ in range(2)]
    both_hold_one = asyncio.Barrier(2)

    async def lock_crosswise(unit: PublicWriting, first: int, second: int) -> None:
        for key in (first, second):
            await unit.session.execute(select(User.id).where(User.id == key).with_for_update())
            if key == first:
                await both_hold_one.wait()

    committing_app.add_api_route("/lock", lock_crosswise)
    async with make_client(committing_app, None) as client:
        answers = await asyncio.gather(
            *(client.get("/lock", params={"first": one, "second": two}) for one, two in (keys, keys[::-1]))
        )
    assert sorted((answer.status_code, answer.headers.get("retry-after")) for answer in answers) == [
        (200, None),
        (503, "1"),
    ]


async def test_a_statement_that_takes_too_long(
    settings: Settings, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite stops no statement")
    few = "(SELECT 1 AS one FROM information_schema.columns LIMIT 300)"
    slow = f"SELECT count(*) FROM {few} a, {few} b, {few} c, {few} d"  # noqa: S608 -- no input
    statements = {"slow": slow, "quick": "SELECT 1"}
    brief = settings.model_copy(update={"database_pool_size": 1, "database_statement_seconds": 1})

    async def ask(unit: PublicReading, kind: str) -> None:
        await unit.session.execute(text(statements[kind]))

    async with serving(brief, database_url) as app, make_client(app, None) as client:
        app.add_api_route("/ask", ask)
        capsys.readouterr()
        answer = await client.get("/ask", params={"kind": "slow"})
        told = [line for line in capsys.readouterr().err.splitlines() if "request.finished" not in line]
        assert (answer.status_code, answer.headers.get("retry-after")) == (503, "1")
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(told) == 1
        assert "database.busy" in told[0]
        answer = await client.get("/ask", params={"kind": "quick"})
        assert answer.status_code == 200, "the connection is good for more"


async def test_a_row_that_stays_locked(committing_app: FastAPI, settings: Settings) -> None:
    database: Database = committing_app.state.database
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite locks the whole database")
    key, url = (await make_user(database)).id, database.engine.url.render_as_string(hide_password=False)
    locked = select(User.id).where(User.id == key).with_for_update()
    limits = {"database_timeout_seconds": 1, "database_statement_seconds": 600}

    async def wait_for_the_lock(unit: PublicWriting) -> None:
        await unit.session.execute(locked)

    async with (
        serving(settings.model_copy(update=limits), url) as app,
        make_client(app, None) as client,
        database.writing() as session,
    ):
        app.add_api_route("/wait", wait_for_the_lock)
        await session.execute(locked)
        async with asyncio.timeout(60):
            answer = await client.get("/wait")
    assert (answer.status_code, answer.headers.get("retry-after")) == (503, "1")


async def test_a_deadlock_of_rows_that_are_created_together(committing_app: FastAPI) -> None:
    """MySQL ends the whole transaction of the loser, and with it the savepoint that SQLAlchemy goes back to."""
    database: Database = committing_app.state.database
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time: nothing can lock crosswise")
    both_have_one = asyncio.Barrier(2)

    async def create_crosswise(unit: PublicWriting, first: str, second: str) -> None:
        categories = CategoryRepository(unit.session)
        await categories.add({"name": first, "description": None})
        await both_have_one.wait()
        await categories.add_many([({"name": second, "description": None}, {})])

    committing_app.add_api_route("/create", create_crosswise)
    async with make_client(committing_app, None) as client:
        pairs = [("one", "two"), ("two", "one")]
        answers = await asyncio.gather(
            *(client.get("/create", params={"first": one, "second": two}) for one, two in pairs)
        )
    assert sorted(answer.status_code for answer in answers) == [200, 503]


@pytest.fixture
async def without_a_table(committing_app: FastAPI) -> AsyncIterator[AsyncClient]:
    database: Database = committing_app.state.database
    async with database.writing() as session:
        await session.execute(text("ALTER TABLE users RENAME COLUMN hashed_password TO lost"))
    async with make_client(committing_app, None) as client:
        yield client


async def test_a_database_without_tables(committing_app: FastAPI, capsys: pytest.CaptureFixture[str]) -> None:
    """As before its first migration. One line says what is missing."""
    database: Database = committing_app.state.database
    async with database.writing() as session:
        await session.execute(text("ALTER TABLE users RENAME TO lost"))
    capsys.readouterr()
    assert await log_in(committing_app) == (503, "5")
    told = [line for line in capsys.readouterr().err.splitlines() if "request.finished" not in line]
    assert len(told) == 1
    assert "database.not_migrated" in told[0]
    assert "users" in told[0]


async def test_a_database_that_is_not_there(settings: Settings, database_url: str) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite makes a database of any file that it is to open")
    url = make_url(database_url).set(database="nowhere").render_as_string(hide_password=False)
    async with serving(settings, url) as app:
        assert await log_in(app) == (503, "5")


async def test_a_mistake_of_ours(without_a_table: AsyncClient) -> None:
    response = await without_a_table.post("/api/v1/auth/login", data=FORM)
    assert response.status_code == 500
    assert "retry-after" not in response.headers
    assert "column" not in response.text
