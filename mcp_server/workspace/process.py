"""Running a command: with a time limit, in its own process group, and with nothing left alive afterwards."""

import asyncio
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mcp_server.workspace import guard
from mcp_server.workspace.errors import InvalidInput, Problem

_MAX_OUTPUT = 16 * 1024 * 1024
_POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Completed:
    """How a command ended. `exit_code` is negative when a signal ended it; `seconds` is wall-clock time."""

    exit_code: int
    stdout: str
    stderr: str
    seconds: float
    timed_out: bool


async def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    timeout: float,  # noqa: ASYNC109  # running out of time is a fact in the answer, not an exception
    env: Mapping[str, str] | None = None,
    inherit: bool = True,
    input: bytes | None = None,  # noqa: A002  # the name subprocess uses
) -> Completed:
    """Run a command to its end or for `timeout` seconds.

    `env` is laid over the current environment; without `inherit` it is all the command gets to see.

    On return, time-out and cancellation the whole process group is killed, so neither the command nor anything it
    started in its group survives. Raises InvalidInput WS006 when the program cannot be started.
    """
    started = time.monotonic()
    # Output goes to files: a grandchild that keeps a pipe open could otherwise delay the answer for ever.
    with (
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
        tempfile.TemporaryFile() as stdin,
    ):
        if input is not None:
            stdin.write(input)
            stdin.seek(0)
        surroundings = {**(os.environ if inherit else {}), **(env or {})}
        process = _start(argv, cwd, surroundings, (stdin if input is not None else None, stdout, stderr))
        timed_out = False
        try:
            async with asyncio.timeout(timeout):
                await _ended(process)
        except TimeoutError:
            timed_out = True
        finally:
            # Nothing is awaited here: a cancelled task may not get the chance to run on.
            _kill_group(process)
        seconds = time.monotonic() - started
        return Completed(process.returncode or 0, _read(stdout), _read(stderr), seconds, timed_out)


def _start(
    argv: Sequence[str | Path],
    cwd: Path,
    env: Mapping[str, str],
    streams: tuple[IO[bytes] | None, IO[bytes], IO[bytes]],
) -> subprocess.Popen[bytes]:
    stdin, stdout, stderr = streams
    guard.prepare()
    try:
        # Popen takes about 2 ms and returns the process at once; asyncio's own call can be cancelled after the start.
        process = subprocess.Popen(
            [str(part) for part in argv],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = f"cannot be started: {error}"
        raise InvalidInput(
            Problem("WS006", str(argv[0]), reason, "Check that it is installed (make setup)")
        ) from error
    guard.watch(process.pid)
    return process


async def _ended(process: subprocess.Popen[bytes]) -> None:
    """Wait until the process has ended, leaving it to be reaped."""
    if not hasattr(os, "pidfd_open"):
        while process.poll() is None:  # noqa: ASYNC110  # nobody could set an event
            await asyncio.sleep(_POLL_SECONDS)
        return
    loop = asyncio.get_running_loop()
    descriptor = os.pidfd_open(process.pid)
    ended = loop.create_future()
    try:
        loop.add_reader(descriptor, lambda: None if ended.done() else ended.set_result(None))
        await ended
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    # The leader is not reaped yet, so the number of its group cannot belong to anybody else.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    guard.release(process.pid)


def _read(file: IO[bytes]) -> str:
    """The output as text; of a flood, the end of it."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _MAX_OUTPUT))
    return file.read().decode(errors="replace")
