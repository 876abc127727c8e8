"""The warm process behind `WarmChild`: imports the libraries once, never the app, and forks one worker per call.

Run as a program: `python -P fork_server.py ROOT CONTROL_FD`. Each byte that arrives on the control socket brings the
socket of one call. The end of the control socket means that the kit is gone: every worker is killed and so are we. The
end of a call's socket means that nobody waits for the answer any more: its worker is killed with all it started.
`python -P fork_server.py ROOT` (no descriptor) answers one request from standard input, for systems without fork.
"""

import sys
from pathlib import Path

if __package__ in {None, ""}:  # run as a program, possibly by an interpreter that does not know the kit
    _HOME = Path(__file__).resolve().parents[2]
    _INSTALLED = _HOME in {Path(entry) for entry in sys.path} and _HOME.name in {
        "site-packages",
        "dist-packages",
    }
    if not _INSTALLED:
        sys.path.insert(0, str(_HOME))  # the kit that started us, not one that this interpreter knows

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
from dataclasses import dataclass
from typing import NoReturn

from mcp_server.workspace import wire, worker

# What migrations, inspection and the app's own imports spend most of their time on.
_LIBRARIES = (
    "asyncio",
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.orm",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "aiosqlite",
    "asyncpg",
    "alembic.autogenerate",
    "alembic.command",
    "alembic.config",
    "alembic.runtime.environment",
    "alembic.script",
    "pydantic",
    "pydantic_settings",
    "pydantic.networks",
    "email_validator",
    "fastapi",
    "fastapi.openapi.utils",
    "fastapi.security",
    "starlette.middleware.cors",
    "python_multipart",
    "jwt",
    "limits.aio.storage",
    "pwdlib.hashers.argon2",
    "pwdlib.hashers.bcrypt",
    "structlog",
    "uvicorn",
)


@dataclass(frozen=True, slots=True)
class _Call:
    pid: int
    connection: socket.socket


class ForkServer:
    """The loop: new calls, callers that left, workers that ended."""

    def __init__(self, root: Path, control: socket.socket) -> None:
        self._root = root
        self._control = control
        self._calls: dict[int, _Call] = {}
        self._wake, wake = socket.socketpair()
        for each in (self._wake, wake):
            each.setblocking(False)
        self._wake_writer = wake
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        self._poll.register(self._wake, select.POLLIN)

    def serve(self) -> None:
        """Until the other end of the control socket is closed."""
        try:
            while True:
                for descriptor, _ in self._poll.poll():
                    if descriptor == self._control.fileno():
                        if not self._accept():
                            return
                    elif descriptor == self._wake.fileno():
                        self._drain()
                    elif descriptor in self._calls:
                        self._kill(self._calls[descriptor])
                        self._poll.unregister(descriptor)  # its end comes as SIGCHLD
                self._reap()
        finally:
            for call in self._calls.values():
                self._kill(call)

    def _accept(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self._control, 1, 1)
        if not data:
            return False
        for descriptor in descriptors:
            self._fork(socket.socket(fileno=descriptor))
        return True

    def _fork(self, connection: socket.socket) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become_worker(connection, parent)
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)  # both sides do it, so that the group exists whoever runs first
        self._calls[connection.fileno()] = _Call(pid, connection)
        # A hang-up is reported without being asked for; data is the worker's.
        self._poll.register(connection, 0)

    def _become_worker(self, connection: socket.socket, parent: int) -> NoReturn:
        code = 1
        try:
            os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for other in (
                self._control,
                self._wake,
                self._wake_writer,
                *(c.connection for c in self._calls.values()),
            ):
                other.close()
            worker.die_with_parent(parent)
            worker.answer(self._root, connection)
            code = 0
        finally:
            os._exit(code)

    def _kill(self, call: _Call) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(call.pid, signal.SIGKILL)

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._wake.recv(4096):
                pass

    def _reap(self) -> None:
        for descriptor, call in list(self._calls.items()):
            if os.waitid(os.P_PID, call.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            self._kill(call)  # what the worker started goes with it, before its number can be reused
            _, status = os.waitpid(call.pid, 0)
            del self._calls[descriptor]
            with contextlib.suppress(KeyError):
                self._poll.unregister(descriptor)
            # After the answer, if there was one: a caller still waiting learns how the worker ended.
            with contextlib.suppress(OSError):
                call.connection.settimeout(1)
                call.connection.sendall(wire.encode({"ended": os.waitstatus_to_exitcode(status)}))
            call.connection.close()


def _warm_up() -> None:
    for name in _LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # a worker's collector must not touch, and so copy, the pages shared with us


def main(arguments: list[str]) -> None:
    """See the module's docstring."""
    root = Path(arguments[0])
    worker.enter(root, leave=None if _INSTALLED else str(_HOME))
    if len(arguments) == 1:
        worker.answer_once(root)
        return
    control = socket.socket(fileno=int(arguments[1]))
    os.set_inheritable(control.fileno(), False)
    _warm_up()
    ForkServer(root, control).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
