"""Applies a plan to the app's database: only what was planned, never to a protected one, with a copy made before."""

import json
import time
from datetime import UTC, datetime
from glob import escape
from pathlib import Path
from typing import Any

from mcp_server.migrations import token as tokens
from mcp_server.migrations.draft import CHILD, Draft, draft
from mcp_server.migrations.progress import Stop, stop_in
from mcp_server.migrations.results import Applied
from mcp_server.migrations.target import Target
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.errors import KitError, Problem, Refused
from mcp_server.workspace.files import write_atomic
from mcp_server.workspace.lock import workspace_lock
from mcp_server.workspace.workspace import Workspace

_HALF_WAY = (
    "MySQL keeps what a revision did before it failed: undo that by hand, mend the revision and plan again; "
    "or finish the revision by hand and record it with `alembic stamp`"
)
SECONDS = 3600
KEPT_BACKUPS = 5


async def apply(workspace: Workspace, child: WarmChild, token: str) -> Applied:
    """Do what the plan with this token showed. Takes the workspace lock, so the caller must not hold it.

    Refused: MIG010 protected database, MIG011 unknown token, MIG012 something changed since, MIG013 nothing to keep.
    KitError MIG021 when it fails on the way: it says where the database stands and where its copy is.
    """
    planned = tokens.load(workspace, token)
    async with workspace_lock(workspace, "apply_migration"):
        return await _apply(workspace, child, token, planned)


async def _apply(workspace: Workspace, child: WarmChild, token: str, planned: tokens.Material) -> Applied:
    made = await draft(workspace, child)
    _refuse_unsafe(made)
    if made.material.token != token or made.problems:
        reason = "; ".join([*planned.changed(made.material), *(problem.reason for problem in made.problems)])
        raise Refused(
            Problem("MIG012", "token", f"since the plan: {reason}", "Plan again and use the new token")
        )
    started = time.perf_counter()
    backup = await back_up(workspace, child, made.target, made.current)
    running = _Running(workspace)
    running.begin(made, backup)
    try:
        after = await child.call(
            f"{CHILD}:upgrade", timeout=SECONDS, target=made.head, progress=str(running.progress)
        )
    except KitError as error:
        current = await _current(child)
        stop = stop_in(running.progress)
        if current == made.current and not (stop and stop.done):
            running.end()  # nothing was changed, so nothing is left to tell
        raise KitError(_failure(made, current, backup, stop, error), *error.problems) from error
    running.end()
    tokens.forget(workspace, token)
    return Applied(
        target=made.target,
        revisions=tuple(revision.id for revision in made.revisions),
        before=made.current,
        after=tuple(after),
        backup=backup,
        seconds=round(time.perf_counter() - started, 3),
    )


def interrupted(workspace: Workspace, database: Target, current: tuple[str, ...]) -> Problem | None:
    """What is left of an apply to this database whose process died: where it stands and where the copy is."""
    found = _Running(workspace).read()
    if found is None or found["database"] != database.database or current == (found["to"],):
        return None
    reason = f"an apply of {found['to']} to {found['database']} did not finish; the database is now at {_at(current)}"
    stop = stop_in(_Running(workspace).progress)
    if stop is not None:
        return Problem("MIG022", found["database"], f"{reason}; {stop}", _HALF_WAY)
    return Problem("MIG022", found["database"], reason, _way_back(found["backup"], found["database"]))


def _refuse_unsafe(made: Draft) -> None:
    target = made.target
    if target.class_ == "protected":
        hint = "Write the SQL with `kit migrate plan --sql`, and let a person run it"
        raise Refused(Problem("MIG010", str(target), f"this database is protected: {target.reason}", hint))
    if target.engine == "sqlite" and target.file is None:
        hint = "Set DATABASE_URL to a file or a server"
        raise Refused(Problem("MIG013", str(target), "a database in memory ends with its process", hint))


async def back_up(
    workspace: Workspace, child: WarmChild, database: Target, current: tuple[str, ...]
) -> str | None:
    """Copy a SQLite file that is at the revisions `current`, and drop all but its last copies; the path of the copy
    relative to the root, None where there is no file."""
    file = database.file
    if database.engine != "sqlite" or file is None or not file.exists():
        return None
    folder = workspace.scratch / "backups"
    folder.mkdir(exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    target = folder / f"{file.stem}-{stamp}-{_at(current).replace(', ', '+')}.db"
    await child.call(f"{CHILD}:back_up", timeout=SECONDS, source=str(file), target=str(target))
    own = f"{escape(file.stem)}-{'[0-9]' * 8}T*.db"  # and not those of `app-old` beside those of `app`
    for old in sorted(folder.glob(own))[:-KEPT_BACKUPS]:
        old.unlink(missing_ok=True)
    return target.relative_to(workspace.root).as_posix()


async def _current(child: WarmChild) -> tuple[str, ...] | None:
    try:
        return tuple((await child.call(f"{CHILD}:state"))["current"])
    except KitError:
        return None


def _failure(
    made: Draft, current: tuple[str, ...] | None, backup: str | None, stop: Stop | None, error: KitError
) -> Problem:
    stands = "the database cannot be read" if current is None else f"the database is now at {_at(current)}"
    cause = error.problems[0].reason
    reason = (
        f"applying {len(made.revisions)} revisions stopped: {cause}; {stands} (it was at {_at(made.current)})"
    )
    if stop is not None:
        hint = _HALF_WAY if stop.done else "Mend the revision and plan again"
        return Problem("MIG021", str(made.target), f"{reason}; {stop}", hint)
    hint = "A revision is applied whole or not at all. Mend it and plan again. " + _way_back(
        backup, made.target.database
    )
    return Problem("MIG021", str(made.target), reason, hint)


def _way_back(backup: str | None, database: str) -> str:
    if backup is None:
        return "There was no file to copy before"
    return f"The copy from before is {backup}: to go back, stop the app and put it in place of {database}"


def _at(revisions: tuple[str, ...]) -> str:
    return ", ".join(revisions) or "base"


class _Running:
    """A note that an apply is under way, so that the next plan can tell if it was cut off."""

    def __init__(self, workspace: Workspace) -> None:
        self._path: Path = workspace.scratch / "applying.json"
        self.progress: Path = workspace.scratch / "applying.progress"

    def begin(self, made: Draft, backup: str | None) -> None:
        self.progress.unlink(missing_ok=True)
        note = {"database": made.target.database, "from": made.current, "to": made.head, "backup": backup}
        write_atomic(self._path, json.dumps(note).encode())

    def end(self) -> None:
        self._path.unlink(missing_ok=True)
        self.progress.unlink(missing_ok=True)

    def read(self) -> dict[str, Any] | None:
        try:
            note: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return note
