"""Applying a change set so that the tree is entirely old or entirely new, whenever the process or the machine stops.

The record of the change, old and new content included, is written and synced first; renaming it to `committed` is the
one moment that decides. Before it nothing in the tree is touched; after it the files are written, and whoever starts
next finishes them. If a file cannot be written (a full disk, a lost permission) the record becomes `aborting` and the
old content is put back, by us or by the next start.
"""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from mcp_server.changes import put, record
from mcp_server.changes.change_set import ChangeSet
from mcp_server.changes.record import Record
from mcp_server.changes.staged import require_unchanged
from mcp_server.workspace.errors import Problem, Refused
from mcp_server.workspace.files import sync_directory, write_plain
from mcp_server.workspace.workspace import Workspace

_PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.002


async def apply(workspace: Workspace, change_set: ChangeSet) -> None:
    """Bring the tree to the `after` of every file, all or nothing. Only the wait for others can be cancelled.

    Raises Refused CHG001 if a file is not at its `before`, CHG006 if one cannot be written; the tree is then as before.
    """
    if not change_set:
        return
    async with _alone(workspace) as room:
        _recover(workspace, room)
        require_unchanged(workspace, change_set)
        plan = Record.of(change_set, workspace.root)
        _commit(room, plan)
        try:
            put.forward(workspace, plan)
            _forget(room, "committed")
        except OSError as error:
            with _unwritable("The next operation finishes the change"):
                (room / "committed").replace(room / "aborting")
            sync_directory(room)
            with _unwritable("The next operation takes back what was written so far"):
                put.back(workspace, plan)
            _forget(room, "aborting")
            raise _cannot_write(error, "Nothing was changed") from error


def _commit(room: Path, plan: Record) -> None:
    try:
        write_plain(room / "next", plan.encode(), durable=True)
        (room / "next").replace(room / "committed")
    except OSError as error:
        (room / "next").unlink(missing_ok=True)
        raise _cannot_write(error, "Nothing was changed") from error
    sync_directory(room)


async def recover(workspace: Workspace) -> str | None:
    """Finish, or take back, a change that was interrupted; a sentence about what was done, or None. Cheap when idle.

    Raises KitError CHG005 if the journal is damaged, Refused CHG006 if a file cannot be written, CHG007 if another
    process stays in it for too long.
    """
    room = _room(workspace)
    if not any((room / name).exists() for name in ("committed", "aborting", "next")):
        return None
    async with _alone(workspace) as locked:
        return _recover(workspace, locked)


def is_decided(workspace: Workspace) -> bool:
    """Whether a change is decided and not brought to its end: the next operation finishes it."""
    return (_room(workspace) / "committed").exists()


def _recover(workspace: Workspace, room: Path) -> str | None:
    message = None
    if (room / "aborting").exists():
        message = "took back" + _resume(workspace, room, "aborting", put.back)
    elif (room / "committed").exists():
        message = "finished" + _resume(workspace, room, "committed", put.forward)
    with _unwritable("Nothing was changed"):
        (room / "next").unlink(missing_ok=True)
    return message


def _resume(
    workspace: Workspace, room: Path, name: str, bring: Callable[[Workspace, Record], list[str]]
) -> str:
    plan = record.load(room / name)
    with _unwritable("The interrupted change is still pending"):
        kept = bring(workspace, plan)
    _forget(room, name)
    edits = f"; what had been edited meanwhile was kept as {', '.join(kept)}" if kept else ""
    return f" the interrupted change {plan.title!r} ({len(plan.changes)} files){edits}"


@contextmanager
def _unwritable(state: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _cannot_write(error, state) from error


def _cannot_write(error: OSError, state: str) -> Refused:
    place = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else "the workspace"
    hint = f"{state}. Make room or give write permission, then try again"
    return Refused(Problem("CHG006", place, f"cannot be written: {error.strerror}", hint))


def _forget(room: Path, name: str) -> None:
    (room / name).unlink()
    sync_directory(room)


def _room(workspace: Workspace) -> Path:
    return workspace.root / ".kit" / "scratch" / "journal"


@asynccontextmanager
async def _alone(workspace: Workspace) -> AsyncIterator[Path]:
    """The journal's directory, with no other process in it: nobody recovers a change that is still being applied."""
    with _unwritable("Nothing was changed"):
        room = workspace.scratch / "journal"
        room.mkdir(exist_ok=True)
        descriptor = os.open(room / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not _locked(descriptor):
            if time.monotonic() > deadline:
                reason = "another process has been applying a change for more than 10 s"
                raise Refused(
                    Problem("CHG007", str(room), reason, "Look for a stopped kit process and end it")
                )
            await asyncio.sleep(_PAUSE_SECONDS)
        yield room
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
