"""One request is one transaction, committed before the response is sent: no 2xx for what is not stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from sqlalchemy import Connection, event, func, select, text

from app.core.context import Caller
from app.core.database import Database
from app.models.user import User
from tests.app.conftest import make_client
from tests.app.factories.user import make_user

PASSWORD = "correct horse battery"
REGISTRATION = {"email": "kept@example.org", "password": PASSWORD, "confirm_password": PASSWORD}


@contextmanager
def failing_commits(database: Database) -> Iterator[None]:
    """Every COMMIT is refused by the database itself: a deferred foreign key is broken just before it.

    MySQL has no deferred ones, and refuses the statement that precedes the COMMIT.
    """

    def break_a_deferred_constraint(connection: Connection) -> None:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        elif connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
        connection.execute(
            text(
                "INSERT INTO refresh_tokens (public_id, user_id, token_id, expires_at, created_at, updated_at) "
                "SELECT public_id, -1, public_id, created_at, created_at, created_at FROM users LIMIT 1"
            )
        )

    engine = database.engine.sync_engine
    event.listen(engine, "commit", break_a_deferred_constraint)
    try:
        yield
    finally:
        event.remove(engine, "commit", break_a_deferred_constraint)


@pytest.fixture
async def superuser_of(committing_app: FastAPI) -> Caller:
    database: Database = committing_app.state.database
    if database.engine.dialect.name == "postgresql":
        async with database.writing() as session:
            await session.execute(
                text("ALTER TABLE refresh_tokens ALTER CONSTRAINT fk_refresh_tokens_user_id DEFERRABLE")
            )
    return await make_user(database, is_superuser=True)


def assert_internal_error(response: Response) -> None:
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"] == response.json()["request_id"]
    assert response.headers["x-content-type-options"] == "nosniff"
    lowered = response.text.lower()
    assert not [
        word
        for word in ("foreign", "constraint", "sqlite", "asyncpg", "asyncmy", "insert")
        if word in lowered
    ]


async def test_a_service_that_opens_its_own_unit(committing_app: FastAPI, superuser_of: Caller) -> None:
    database: Database = committing_app.state.database
    async with make_client(committing_app, None) as client:
        with failing_commits(database):
            assert_internal_error(await client.post("/api/v1/users/register", json=REGISTRATION))
        assert await count_users(database) == 1
        assert (await client.post("/api/v1/users/register", json=REGISTRATION)).status_code == 201
        assert await count_users(database) == 2


async def test_an_endpoint_in_the_unit_of_its_request(committing_app: FastAPI, superuser_of: Caller) -> None:
    database: Database = committing_app.state.database
    url = f"/api/v1/users/{superuser_of.public_id}"
    async with make_client(committing_app, superuser_of) as client:
        with failing_commits(database):
            assert_internal_error(await client.patch(url, json={"full_name": "Lost"}))
        assert (await read_name(client, superuser_of.public_id)) is None
        assert (await client.patch(url, json={"full_name": "Kept"})).status_code == 200
        assert (await read_name(client, superuser_of.public_id)) == "Kept"


async def read_name(client: AsyncClient, public_id: UUID) -> Any:
    return (await client.get(f"/api/v1/users/{public_id}")).json()["full_name"]


async def count_users(database: Database) -> int:
    async with database.reading() as session:
        total: int = (await session.execute(select(func.count()).select_from(User))).scalar_one()
    return total
