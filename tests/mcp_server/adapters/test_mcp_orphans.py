"""Whatever ends a call or the server, nothing it started stays alive."""
# ruff: noqa: S603 - the tests start the server

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from mcp import Client

from mcp_server.adapters.mcp.server import build_server
from mcp_server.adapters.mcp.session import Session
from mcp_server.adapters.mcp.tools import Tools
from tests.mcp_server.adapters.conftest import ERAS, Connect, server_parameters
from tests.mcp_server.conftest import SECONDS

SLOW = {"only": ["types"], "no_cache": True}
"""mypy without its cache: seconds of work in a process of its own."""


def tools_in(root: Path) -> set[int]:
    """Processes of the tools that gates run, by their working directory and command."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                inside = (entry / "cwd").readlink().is_relative_to(root)
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if inside and b"mypy" in command:
                found.add(int(entry.name))
    return found


def alive_in(root: Path) -> set[int]:
    """Every process that works in `root`."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink().is_relative_to(root) and (entry / "cmdline").read_bytes():
                    found.add(int(entry.name))
            except OSError:
                continue
    return found


def wait_until_empty(root: Path) -> set[int]:
    """The processes in `root` that are left when none is left, or when the time is over."""
    deadline = time.monotonic() + SECONDS
    while (left := alive_in(root)) and time.monotonic() < deadline:
        os.sched_yield()
    return left


@pytest.mark.parametrize("era", ERAS)
async def test_a_cancelled_call_leaves_no_tool_behind(
    connect: Connect, workspace_copy: Path, era: str
) -> None:
    async with connect(workspace_copy, era) as client:
        started = anyio.Event()

        async def told_of(progress: float, total: float | None, message: str | None) -> None:
            if message == "types: running":
                started.set()

        async with anyio.create_task_group() as group:

            async def call() -> None:
                await client.call_tool("run_quality_gates", SLOW, progress_callback=told_of)

            group.start_soon(call)
            await started.wait()
            with anyio.fail_after(SECONDS):
                while not tools_in(workspace_copy):
                    await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
        await client.call_tool("workspace_info", {})  # the server has dealt with the cancellation before this
        assert tools_in(workspace_copy) == set()


async def test_a_stopping_server_lets_calls_clean_up(
    workspace_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace_copy)
    session = Session()
    tools = Tools(session)
    results = []
    async with Client(build_server(session, tools)) as client, anyio.create_task_group() as group:

        async def call() -> None:
            results.append(await client.call_tool("run_quality_gates", SLOW))

        group.start_soon(call)
        with anyio.fail_after(SECONDS):
            while not tools_in(workspace_copy):
                await anyio.lowlevel.checkpoint()
        await tools.stop(within=SECONDS)
        assert tools_in(workspace_copy) == set()
    await session.child.close()
    (result,) = results
    assert result.is_error
    assert getattr(result.content[0], "text", "") == "run_quality_gates was stopped."


class RawServer:
    """The server as a bare process: pipes and lines, so that a test can end it in any way."""

    def __init__(self, root: Path) -> None:
        parameters = server_parameters(root)
        self.process = subprocess.Popen(
            [parameters.command, *parameters.args],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.send(
            id=1,
            method="initialize",
            params={
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"},
            },
        )
        self.receive()
        self.send(method="notifications/initialized")

    def send(self, **message: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        message: dict[str, Any] = json.loads(self.process.stdout.readline())
        return message

    def start_slow_gate(self, root: Path) -> None:
        """Returns when the tool of the gate runs."""
        arguments = {"name": "run_quality_gates", "arguments": SLOW, "_meta": {"progressToken": "p"}}
        self.send(id=2, method="tools/call", params=arguments)
        while self.receive().get("params", {}).get("message") != "types: running":
            pass
        while not tools_in(root):
            os.sched_yield()


@contextmanager
def raw_server(root: Path) -> Iterator[RawServer]:
    server = RawServer(root)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()
        for pipe in (server.process.stdin, server.process.stdout):
            if pipe is not None:
                pipe.close()


def test_sigterm_ends_the_server_and_what_it_runs(workspace_copy: Path) -> None:
    with raw_server(workspace_copy) as server:
        server.start_slow_gate(workspace_copy)
        server.process.terminate()
        assert server.process.wait(SECONDS) == 128 + signal.SIGTERM
        assert wait_until_empty(workspace_copy) == set()


def test_a_client_that_goes_away_ends_it_too(workspace_copy: Path) -> None:
    with raw_server(workspace_copy) as server:
        server.start_slow_gate(workspace_copy)
        assert server.process.stdin is not None
        server.process.stdin.close()
        assert server.process.wait(SECONDS) == 0
        assert wait_until_empty(workspace_copy) == set()


def test_even_sigkill_leaves_nothing_behind(workspace_copy: Path) -> None:
    with raw_server(workspace_copy) as server:
        server.start_slow_gate(workspace_copy)
        server.process.kill()
        server.process.wait(SECONDS)
        assert wait_until_empty(workspace_copy) == set()
