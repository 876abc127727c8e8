"""The end of the story: the new feature over real HTTP, on the database that was just migrated."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from httpx2 import AsyncClient, ConnectError, Response

from demo.teller import Teller, expect

PASSWORD = "correct horse battery staple"  # noqa: S105 -- of a user that lives for a second
START_SECONDS = 20.0


@asynccontextmanager
async def running_app(workspace: Path) -> AsyncIterator[AsyncClient]:
    """The service on a free loopback port; stopped at the end whatever happens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        "-m",
        "uvicorn",
        "--factory",
        "app.main:create_app",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        cwd=workspace,
        env={**os.environ, "LOG_LEVEL": "error"},
        stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await _until_ready(client, server)
            yield client
    finally:
        if server.returncode is None:
            server.terminate()
        await server.wait()


async def _until_ready(client: AsyncClient, server: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(START_SECONDS):
        while True:
            expect(server.returncode is None, "the app ended instead of starting")
            try:
                if (await client.get("/health/ready")).status_code == 200:
                    return
            except ConnectError:
                pass
            await asyncio.sleep(0.05)


async def use_suppliers(client: AsyncClient, teller: Teller) -> None:
    """Register, log in, create, list, filter, fetch; and the three ways to be told no."""

    async def call(method: str, path: str, wanted: int, **options: Any) -> Any:
        response: Response = await client.request(method, f"/api/v1{path}", **options)
        teller.say(f"{method:6} /api/v1{path.split('?', maxsplit=1)[0][:60]:60} {response.status_code}")
        expect(
            response.status_code == wanted, f"{method} {path}: {wanted} was expected: {response.text[:300]}"
        )
        return response.json()

    account = {"email": "ada@example.org", "password": PASSWORD, "confirm_password": PASSWORD}
    await call("POST", "/users/register", 201, json=account)
    tokens = await call("POST", "/auth/login", 200, data={"username": account["email"], "password": PASSWORD})
    client.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    category = await call("POST", "/categories", 201, json={"name": "Tools"})
    supplier = {
        "name": "Ada & Co",
        "email": "orders@example.org",
        "rating": 5,
        "status": "active",
        "category_public_id": category["public_id"],
    }
    created = await call("POST", "/suppliers", 201, json=supplier)
    expect("id" not in created, "the integer key leaked")
    await call(
        "POST",
        "/suppliers",
        201,
        json={**supplier, "name": "Babbage Ltd", "email": "b@example.org", "rating": 2},
    )
    page = await call("GET", "/suppliers?sort=name", 200)
    expect(
        [row["name"] for row in page["items"]] == ["Ada & Co", "Babbage Ltd"],
        "the list is not sorted by name",
    )
    found = await call("GET", "/suppliers?rating_min=4&search=ADA", 200)
    expect(found["total"] == 1, "the filter did not find exactly one row")
    fetched = await call("GET", f"/suppliers/{created['public_id']}", 200)
    expect(fetched == created, "what was fetched differs from what was created")

    await call("GET", "/suppliers/00000000-0000-4000-8000-000000000000", 404)
    await call("POST", "/suppliers", 409, json={**supplier, "name": "A twin"})
    refused = await call("POST", "/suppliers", 422, json={**supplier, "email": "c@example.org", "rating": 9})
    expect(refused["errors"][0]["loc"] == ["body", "rating"], "the 422 does not name the field")
