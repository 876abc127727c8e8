"""Calling functions that need the app, in a process that has just imported it.

A warm process has imported the libraries but not the app, and forks a worker for each call: milliseconds, and always
the code as it is on the disk now. Calls run in parallel. What they print goes to `.kit/scratch/child.log`.
"""

import asyncio
import contextlib
import importlib
import os
import socket
import subprocess
from pathlib import Path
from typing import Any, Final

from mcp_server.workspace import process, wire
from mcp_server.workspace.errors import KitError, Problem
from mcp_server.workspace.workspace import Workspace

_SERVER: Final = Path(__file__).with_name("fork_server.py")
_MAX_LOG: Final = 1024 * 1024
_CAN_FORK: Final = hasattr(os, "fork") and hasattr(socket, "send_fds")


class ChildFailed(KitError):  # reads as the sentence it is
    """The function raised something unexpected, took too long, or its process died.

    `type` and `message` describe the exception (empty if the process died), `where` is the last line of workspace code
    on the way to it (`app/models/user.py:12`, or empty).
    """

    def __init__(self, problem: Problem, *, type: str = "", message: str = "", where: str = "") -> None:  # noqa: A002
        super().__init__(problem)
        self.type = type
        self.message = message
        self.where = where


class WarmChild:
    """Runs `module:function` in fresh processes of the workspace's interpreter. Started by the first call."""

    def __init__(self, workspace: Workspace, *, fork: bool = _CAN_FORK) -> None:
        self.workspace = workspace
        self._fork = fork
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    async def call(self, function: str, /, *, timeout: float = 60, **arguments: Any) -> Any:  # noqa: ASYNC109
        """Result of `package.module:name` called with `arguments`; both must be JSON.

        A coroutine function is run to its end. A KitError raised there is raised here with the same class; anything
        else becomes ChildFailed, and so does the death of the process or the passing of `timeout` seconds. Cancelling
        the call kills its process and what that started.
        """
        request = wire.encode({"function": function, "arguments": arguments})
        try:
            async with asyncio.timeout(timeout):
                reply = await (self._forked(request) if self._fork else self._spawned(request, timeout))
        except TimeoutError:
            hint = "See .kit/scratch/child.log, or allow more time"
            raise ChildFailed(Problem("WS021", function, f"took longer than {timeout:g} s", hint)) from None
        return _result(function, reply)

    async def close(self) -> None:
        """End the warm process and every running call. Using the child again starts it anew."""
        self._stop()

    def _stop(self) -> None:
        server, self._server = self._server, None
        control, self._control = self._control, None
        if control is not None:
            control.close()  # the warm process kills its workers and ends
        if server is not None:
            try:
                server.wait(timeout=2)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()

    async def _forked(self, request: bytes) -> dict[str, Any]:
        ours = self._open_call()
        writer: asyncio.StreamWriter | None = None
        try:
            reader, writer = await asyncio.open_connection(sock=ours, limit=2**20)
            writer.write(request)
            try:
                header = await reader.readexactly(wire.HEADER_SIZE)
                return wire.decode(await reader.readexactly(wire.body_size(header)))
            except (asyncio.IncompleteReadError, ConnectionError):
                return {"ended": None}
        finally:
            # Closing is all it takes: the warm process sees it and kills the worker if that is still busy.
            if writer is not None:
                writer.transport.abort()
            ours.close()

    def _open_call(self) -> socket.socket:
        """Our end of a new worker's socket."""
        for last_try in (False, True):
            control = self._started()
            ours, theirs = socket.socketpair()
            with theirs:
                try:
                    socket.send_fds(control, [b"C"], [theirs.fileno()])
                except OSError:
                    ours.close()
                    self._stop()
                    if last_try:
                        raise
                else:
                    return ours
        raise AssertionError("unreachable")

    def _started(self) -> socket.socket:
        if self._control is not None and self._server is not None and self._server.poll() is None:
            return self._control
        self._stop()
        control, theirs = socket.socketpair()
        with theirs, self._log().open("ab") as log:
            self._server = subprocess.Popen(
                [*self._command(), str(theirs.fileno())],
                cwd=self.workspace.root,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._control = control
        return control

    async def _spawned(self, request: bytes, timeout: float) -> dict[str, Any]:  # noqa: ASYNC109  # passed on
        """One cold process per call."""
        root = self.workspace.root
        done = await process.run(
            self._command(), cwd=root, timeout=timeout, input=request[wire.HEADER_SIZE :]
        )
        with contextlib.suppress(OSError), self._log().open("a", encoding="utf-8") as log:
            log.write(done.stderr)
        if done.timed_out:
            raise TimeoutError
        if done.exit_code != 0 or not done.stdout:
            return {"ended": done.exit_code}
        return wire.decode(done.stdout.encode())

    def _command(self) -> list[str]:
        return [str(self.workspace.python), "-P", str(_SERVER), str(self.workspace.root)]

    def _log(self) -> Path:
        path = self.workspace.scratch / "child.log"
        with contextlib.suppress(OSError):
            if path.stat().st_size > _MAX_LOG:
                path.unlink()
        return path


def _result(function: str, reply: dict[str, Any]) -> Any:
    if "result" in reply:
        return reply["result"]
    if "refused" in reply:
        raise _kit_error(reply["refused"], [Problem(**problem) for problem in reply["problems"]])
    if "failed" in reply:
        kind, message, where = reply["failed"], reply["message"], reply["where"]
        reason = f"{kind}: {message}" if message else kind
        problem = Problem(
            "WS020",
            where or function,
            reason,
            "Mend the code there; the traceback is in .kit/scratch/child.log",
        )
        raise ChildFailed(problem, type=kind, message=message, where=where)
    code = reply["ended"]
    how = (
        "its process was lost"
        if code is None
        else f"its process ended with {_ending(code)} and without an answer"
    )
    raise ChildFailed(Problem("WS022", function, how, "See .kit/scratch/child.log for what it last wrote"))


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _kit_error(kind: str, problems: list[Problem]) -> KitError:
    module, _, name = kind.partition(":")
    found = getattr(importlib.import_module(module), name, None)
    if isinstance(found, type) and issubclass(found, KitError) and found is not ChildFailed:
        return found(*problems)
    return KitError(*problems)
