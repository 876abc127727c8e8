"""Bringing files to a recorded content. Every step may be repeated, so that an interrupted run can be run again."""

import errno
from pathlib import Path
from shutil import rmtree

from mcp_server.changes.change_set import FileChange
from mcp_server.changes.record import Record
from mcp_server.workspace.files import make_directory, sync_directory, write_atomic
from mcp_server.workspace.workspace import Workspace


def forward(workspace: Workspace, plan: Record) -> list[str]:
    """Bring every file to its `after`; the places where foreign edits were kept."""
    kept = []
    for change in plan.changes:
        kept.append(_put(workspace, plan, change, change.after))
        if change.after is None:
            _prune(workspace.root, (workspace.root / change.path).parent)
    _sync_directories(workspace, plan)
    return [place for place in kept if place]


def back(workspace: Workspace, plan: Record) -> list[str]:
    """Bring every file to its `before` and remove the directories made for it; the places of foreign edits."""
    kept = [_put(workspace, plan, change, change.before) for change in reversed(plan.changes)]
    for directory in reversed(plan.directories):
        if _remove_if_empty(workspace.root / directory):
            sync_directory((workspace.root / directory).parent)
    _sync_directories(workspace, plan)
    return [place for place in kept if place]


def _sync_directories(workspace: Workspace, plan: Record) -> None:
    """Make every rename and deletion durable: each directory once, for the journal would repeat them until then."""
    for directory in sorted({(workspace.root / change.path).parent for change in plan.changes}):
        if directory.is_dir():
            sync_directory(directory)


def _put(workspace: Workspace, plan: Record, change: FileChange, wanted: bytes | None) -> str | None:
    """Bring one file to `wanted`. An edit made after the interruption is moved aside, never lost."""
    target = workspace.confine(change.path)
    temporary = target.with_name(plan.temporary(change))
    now = workspace.read(change.path)
    kept = None if now in {None, change.before, change.after} else _keep(workspace, plan, change.path, now)
    if wanted is None:
        for path in (target, temporary):
            if path.is_file() or path.is_symlink():  # what else may be in the way is not ours to remove
                path.unlink()
    elif now == wanted:
        temporary.unlink(missing_ok=True)
    else:
        make_directory(target.parent)
        mode = plan.modes.get(change.path)
        write_atomic(target, wanted, temporary=temporary, mode=mode, sync_parent=False)
    return kept


def _keep(workspace: Workspace, plan: Record, path: str, content: bytes | None) -> str:
    place = f".kit/history/displaced/{plan.id}/{path}"
    target = workspace.confine(place)
    make_directory(target.parent)
    write_atomic(target, content or b"")
    return place


def _prune(root: Path, directory: Path) -> None:
    """Remove the directories that the deletion left empty, as git does, up to the root."""
    while directory != root and root in directory.parents and _remove_if_empty(directory):
        directory = directory.parent
    if directory.is_dir():
        sync_directory(directory)


def _remove_if_empty(directory: Path) -> bool:
    """Remove a directory that holds nothing, or nothing but compiled code; whether it is gone."""
    if not directory.is_dir():
        return True
    names = [entry.name for entry in directory.iterdir()]
    if any(name != "__pycache__" for name in names):
        return False
    try:
        if names:
            rmtree(directory / "__pycache__")
        directory.rmdir()
    except FileNotFoundError:
        return True  # somebody else removed it
    except OSError as error:
        if error.errno != errno.ENOTEMPTY:
            raise
        return False  # somebody put something into it
    return True
