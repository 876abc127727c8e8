"""The service as a process of its own, for what only sockets and signals can show."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.app.databases import ROOT

Address = tuple[str, int]


@dataclass(frozen=True)
class Server:
    address: Address
    process: asyncio.subprocess.Process


@asynccontextmanager
async def server_process(url: str, **environment: str) -> AsyncIterator[Server]:
    """uvicorn as the Dockerfile starts it, on a socket that is open already: no port has to be guessed or awaited.

    `environment` holds settings by their names there. What is still running at the end is killed.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        address = listener.getsockname()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "uvicorn", "--factory", "app.main:create_app", "--app-dir", str(ROOT)),
            *("--fd", str(listener.fileno()), "--timeout-graceful-shutdown", "30"),
            cwd="/",  # where no `.env` lies
            env={**os.environ, "DATABASE_URL": url, "ENVIRONMENT": "test", **environment},
            pass_fds=[listener.fileno()],
            stderr=asyncio.subprocess.PIPE,
        )
    try:
        yield Server(address, process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
