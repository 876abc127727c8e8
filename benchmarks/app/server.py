"""Starting, asking and stopping the servers under measurement."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.extras import ROOT

START_SECONDS = 30.0
STOP_SECONDS = 10.0


class ServerFailed(Exception):
    """A server did not come up; the text holds the end of what it wrote."""


class Server:
    """A server process that answers on 127.0.0.1 and dies with this one."""

    def __init__(self, name: str, port: int, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.port = port
        self._process = process
        self._log = log

    async def cpu_seconds(self) -> float:
        """CPU time that the process has used in its life, all threads together."""
        to, back = self._process.stdin, self._process.stdout
        if to is None or back is None:
            raise ServerFailed(self.name)
        to.write(b"\n")
        line = await back.readline()
        if not line:
            raise ServerFailed(f"{self.name} has died:\n{self.last_lines()}")
        return float(line)

    async def wait_until_up(self) -> None:
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        while self._process.returncode is None and asyncio.get_running_loop().time() < deadline:
            try:
                _reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            await writer.wait_closed()
            return
        raise ServerFailed(f"{self.name} did not come up:\n{self.last_lines()}")

    def last_lines(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()


@asynccontextmanager
async def serving(
    name: str, factory: str, environment: Mapping[str, str], folder: Path
) -> AsyncIterator[Server]:
    """Serve `factory` ("module:function"); its log goes to a file in `folder`."""
    log = folder / f"{name}.log"
    port = _free_port()
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.app.serve",
            factory,
            str(port),
            str(server_cpu()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
            cwd=ROOT,
            env={**os.environ, **environment},
        )
    server = Server(name, port, process, log)
    try:
        await server.wait_until_up()
        yield server
    finally:
        await server.stop()


def server_cpu() -> int:
    """The core that the servers share in turn; -1 where there is only one, or none to choose."""
    if not hasattr(os, "sched_getaffinity"):
        return -1
    cores = sorted(os.sched_getaffinity(0))
    return cores[0] if len(cores) > 1 else -1


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
