import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest

from mcp_server.gates.tools.servers import MYSQL, POSTGRESQL
from mcp_server.migrations.scratch import on_scratch_server, on_sqlite
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.migrations.changes import OnDatabase
from tests.mcp_server.migrations.lab import REPOSITORY, Lab, make
from tests.mcp_server.servers import require


@pytest.fixture(scope="session")
async def shared_lab(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    lab = make(tmp_path_factory.mktemp("lab") / "workspace")
    yield lab
    await lab.child.close()


@pytest.fixture
def lab(shared_lab: Lab) -> Lab:
    """The sound project, without a database."""
    shared_lab.load()
    return shared_lab


@pytest.fixture(scope="session")
async def real() -> AsyncIterator[tuple[Workspace, WarmChild]]:
    """This repository as a workspace."""
    workspace = Workspace.open(REPOSITORY)
    child = WarmChild(workspace)
    yield workspace, child
    await child.close()


@pytest.fixture(scope="session")
async def server() -> str:
    """A PostgreSQL server on this machine."""
    return await require(POSTGRESQL)


@pytest.fixture(scope="session")
async def mysql_server() -> str:
    """A MySQL or MariaDB server on this machine."""
    return await require(MYSQL)


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def on_database(request: pytest.FixtureRequest) -> OnDatabase:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return lambda work: asyncio.to_thread(on_sqlite, work)
    url = request.getfixturevalue("server" if request.param == "postgresql" else "mysql_server")
    return lambda work: asyncio.to_thread(on_scratch_server, url, work)


@pytest.fixture
async def database(lab: Lab, server: str) -> AsyncIterator[Any]:
    """An empty database that the lab's settings point to."""
    name = f"kit_{secrets.token_hex(4)}_test"
    admin = await asyncpg.connect(server.replace("+asyncpg", ""))
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    url = server.rpartition("/")[0] + f"/{name}"
    lab.load(url=url)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    yield connection
    await connection.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()
