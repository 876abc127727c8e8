"""One operation at a time per checkout: a lock file that the system releases when its holder dies."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp_server.workspace.errors import Problem, Refused
from mcp_server.workspace.workspace import Workspace

_FIRST_PAUSE, _LONGEST_PAUSE = 0.002, 0.05


@asynccontextmanager
async def workspace_lock(
    workspace: Workspace, operation: str = "", *, wait: float = 60.0
) -> AsyncIterator[None]:
    """Hold the workspace; others queue. Raises Refused WS010, naming the holder, after `wait` seconds."""
    descriptor = os.open(workspace.scratch / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        await _acquire(descriptor, wait)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} {operation}\n".encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)  # releases the lock


async def _acquire(descriptor: int, wait: float) -> None:
    deadline = time.monotonic() + wait
    pause = _FIRST_PAUSE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Refused(_held(descriptor, wait)) from None
            # Asking again beats a blocking call in a thread: that could not be cancelled.
            await asyncio.sleep(min(pause, max(0.0, deadline - time.monotonic())))
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            return


def _held(descriptor: int, wait: float) -> Problem:
    pid, _, operation = os.pread(descriptor, 4096, 0).decode(errors="replace").strip().partition(" ")
    holder = f"process {pid or 'unknown'}" + (f" ({operation})" if operation else "")
    reason = f"{holder} has been working on this workspace for more than {wait:g} s"
    return Problem(
        "WS010", ".kit/scratch/lock", reason, "Wait for it to finish, or stop that process, then try again"
    )
