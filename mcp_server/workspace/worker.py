"""One call, inside the process that runs it: import the function, run it, send back its result or what went wrong."""

import asyncio
import contextlib
import ctypes
import importlib
import inspect
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from mcp_server.workspace import fresh_imports, wire
from mcp_server.workspace.errors import KitError

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_INSTALLED = frozenset({"site-packages", "dist-packages"})


def enter(root: Path, *, leave: str | None) -> None:
    """Make this process look at the workspace: its directory, its modules first, and no other checkout.

    `leave` is the directory that the kit itself was found in. With it, or with another checkout that is installed to be
    edited in place, a workspace whose `app` is missing would be shown somebody else's.
    """
    os.chdir(root)
    entries = [entry for entry in sys.path if entry != leave and not _is_checkout(Path(entry or "."))]
    sys.path[:] = [str(root), *(entry for entry in entries if Path(entry or ".").resolve() != root)]
    fresh_imports.install(root, root / ".kit" / "scratch" / "code")


def _is_checkout(directory: Path) -> bool:
    return directory.name not in _INSTALLED and (directory / "mcp_server").is_dir()


def die_with_parent(parent: int) -> None:
    """Have the system kill this process when `parent` ends (Linux; elsewhere the closed sockets do it)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the request was made
            os._exit(1)


def answer(root: Path, connection: socket.socket) -> None:
    """Read one request from the socket, run it, answer."""
    fresh_imports.forget_listings()
    request = wire.receive(connection)
    if request is not None:
        reply = _reply(root, request)
        connection.sendall(reply)


def answer_once(root: Path) -> None:
    """The same over standard input and output, for a process that serves one call only."""
    out = os.dup(1)
    os.dup2(2, 1)  # what the app prints must not get between the reply
    body = sys.stdin.buffer.read()
    wire.write_all(out, _reply(root, wire.decode(body))[wire.HEADER_SIZE :])


def _reply(root: Path, request: dict[str, Any]) -> bytes:
    try:
        result = _run(request["function"], request["arguments"])
        return wire.encode({"result": result})
    except KitError as error:
        kind = f"{type(error).__module__}:{type(error).__qualname__}"
        return wire.encode({"refused": kind, "problems": [asdict(problem) for problem in error.problems]})
    except BaseException as error:  # noqa: BLE001  # whatever the app raises, SystemExit included, is an answer
        traceback.print_exc()
        return wire.encode(
            {"failed": type(error).__name__, "message": str(error), "where": _where(root, error)}
        )
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()


def _run(function: str, arguments: dict[str, Any]) -> Any:
    module_name, _, name = function.partition(":")
    module: ModuleType = importlib.import_module(module_name)
    target = cast("Callable[..., Any]", getattr(module, name))
    result = target(**arguments)
    if inspect.iscoroutine(result):
        return asyncio.run(result)
    return result


def _where(root: Path, error: BaseException) -> str:
    """`path:line` of the last line of workspace code on the way to the error, or an empty text."""
    if isinstance(error, SyntaxError) and error.filename and (path := _inside(root, error.filename)):
        return f"{path}:{error.lineno or 1}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if path := _inside(root, frame.filename):
            return f"{path}:{frame.lineno}"
    return ""


def _inside(root: Path, filename: str) -> str | None:
    path = Path(filename)
    if not path.is_relative_to(root):
        return None
    relative = path.relative_to(root)
    foreign = {".venv", "venv", "site-packages", "mcp_server"}
    return None if foreign.intersection(relative.parts) else relative.as_posix()
