"""The workspace lock between real processes."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mcp_server.workspace.errors import Refused
from mcp_server.workspace.lock import workspace_lock
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.conftest import SECONDS, Mailbox

# Takes the lock, says so, holds it until a line arrives on standard input.
HOLDER = """
import asyncio, pathlib, sys
from mcp_server.workspace.lock import workspace_lock
from mcp_server.workspace.workspace import Workspace

async def main():
    root, box, name = sys.argv[1:]
    def tell(word):
        with open(box, "w") as pipe:
            pipe.write(f"{name} {word}\\n")
    tell("asks")
    async with workspace_lock(Workspace.open(pathlib.Path(root)), f"work of {name}"):
        tell("holds")
        await asyncio.to_thread(sys.stdin.readline)
        tell("leaves")

asyncio.run(main())
"""

# Adds 1 to a number in a file, many times, in a way that loses counts unless it is alone.
COUNTER = """
import asyncio, pathlib, sys
from mcp_server.workspace.lock import workspace_lock
from mcp_server.workspace.workspace import Workspace

async def main():
    workspace = Workspace.open(pathlib.Path(sys.argv[1]))
    path = workspace.scratch / "count"
    for _ in range(25):
        async with workspace_lock(workspace, "counting"):
            number = int(path.read_text()) if path.exists() else 0
            await asyncio.sleep(0)
            path.write_text(str(number + 1))

asyncio.run(main())
"""


@contextmanager
def holder(workspace: Workspace, mailbox: Mailbox, name: str) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-c", HOLDER, str(workspace.root), str(mailbox.path), name]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def let_go(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()


async def is_held(workspace: Workspace) -> bool:
    try:
        async with workspace_lock(workspace, "a try", wait=0):
            return False
    except Refused:
        return True


async def test_two_processes_queue(workspace: Workspace, mailbox: Mailbox) -> None:
    with (
        holder(workspace, mailbox, "first") as first,
        holder_after(workspace, mailbox, "second") as (second, told),
    ):
        assert told == ["first asks", "first holds", "second asks"]
        let_go(first)
        assert await mailbox.line() == "first leaves"
        assert await mailbox.line() == "second holds"
        let_go(second)
        assert await mailbox.line() == "second leaves"
        assert second.wait(SECONDS) == 0
        assert not await is_held(workspace)


@contextmanager
def holder_after(
    workspace: Workspace, mailbox: Mailbox, name: str
) -> Iterator[tuple["subprocess.Popen[bytes]", list[str]]]:
    """A second holder, started once the first holds the lock; and what was told until it asked."""
    told = [mailbox.read_line(), mailbox.read_line()]
    with holder(workspace, mailbox, name) as process:
        yield process, [*told, mailbox.read_line()]


async def test_nobody_loses_a_count(workspace: Workspace) -> None:
    command = [sys.executable, "-c", COUNTER, str(workspace.root)]
    racers = [await asyncio.create_subprocess_exec(*command) for _ in range(4)]
    assert [await racer.wait() for racer in racers] == [0, 0, 0, 0]
    assert (workspace.scratch / "count").read_text(encoding="ascii") == "100"


async def test_tasks_of_one_process_queue_too(workspace: Workspace) -> None:
    inside = 0

    async def work() -> int:
        nonlocal inside
        async with workspace_lock(workspace, "task"):
            inside += 1
            most = inside
            await asyncio.sleep(0)
            inside -= 1
            return most

    assert set(await asyncio.gather(*(work() for _ in range(10)))) == {1}


async def test_waiting_ends_and_names_the_holder(workspace: Workspace, mailbox: Mailbox) -> None:
    with holder(workspace, mailbox, "other") as other:
        await mailbox.line()
        await mailbox.line()
        with pytest.raises(Refused) as caught:
            async with workspace_lock(workspace, "mine", wait=0.05):
                pytest.fail("both hold the lock")
    [problem] = caught.value.problems
    assert problem.code == "WS010"
    assert f"process {other.pid} (work of other)" in problem.reason


async def test_the_lock_of_a_killed_process_is_free(workspace: Workspace, mailbox: Mailbox) -> None:
    with holder(workspace, mailbox, "killed") as other:
        await mailbox.line()
        await mailbox.line()
        assert await is_held(workspace)
        other.kill()
        other.wait()
        async with workspace_lock(workspace, "mine"):
            assert (workspace.scratch / "lock").read_text(encoding="utf-8") == f"{os.getpid()} mine\n"


async def test_waiting_can_be_cancelled(workspace: Workspace) -> None:
    async def wait() -> None:
        async with workspace_lock(workspace, "waiting"):
            pytest.fail("both hold the lock")

    async with workspace_lock(workspace, "holding"):
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert not await is_held(workspace)


async def test_an_error_inside_releases_it(workspace: Workspace) -> None:
    with pytest.raises(ZeroDivisionError):
        async with workspace_lock(workspace, "failing"):
            raise ZeroDivisionError
    assert not await is_held(workspace)


async def test_two_checkouts_do_not_wait_for_each_other(workspace: Workspace, tmp_path: Path) -> None:
    other = Workspace(tmp_path, workspace.config)
    async with workspace_lock(workspace, "one"):
        assert not await is_held(other)
