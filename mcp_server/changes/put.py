"""Bringing files to a recorded content. Every step may be repeated, so that an interrupted run can be run again."""

import errno
from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree

from mcp_server.changes.change_set import FileChange
from mcp_server.changes.record import Record
from mcp_server.workspace.files import (
    make_directory,
    replace,
    sync_directory,
    sync_files,
    write_atomic,
    write_plain,
)
from mcp_server.workspace.workspace import Workspace


def forward(workspace: Workspace, plan: Record) -> list[str]:
    """Bring every file to its `after`; the places where foreign edits were kept."""
    kept = _put(workspace, plan, {change: change.after for change in plan.changes})
    for change in plan.changes:
        if change.after is None:
            _prune(workspace.root, (workspace.root / change.path).parent)
    _sync_parents(workspace, plan)
    return kept


def back(workspace: Workspace, plan: Record) -> list[str]:
    """Bring every file to its `before` and remove the directories made for it; the places of foreign edits."""
    kept = _put(workspace, plan, {change: change.before for change in reversed(plan.changes)})
    for directory in reversed(plan.directories):
        if _remove_if_empty(workspace.root / directory):
            sync_directory((workspace.root / directory).parent)
    _sync_parents(workspace, plan)
    return kept


def _sync_parents(workspace: Workspace, plan: Record) -> None:
    """Make every rename and deletion durable: each directory once, for the journal would repeat them until then."""
    parents = {(workspace.root / change.path).parent for change in plan.changes}
    for parent in sorted(parents):
        if parent.is_dir():
            sync_directory(parent)


def _put(workspace: Workspace, plan: Record, wanted: Mapping[FileChange, bytes | None]) -> list[str]:
    """Bring files to what is wanted; the places of foreign edits.

    No file takes its place before the content of all is on the disk, so that they wait for the disk once.
    """
    written: dict[FileChange, Path] = {}
    for change, content in wanted.items():
        target = workspace.confine(change.path)
        temporary = target.with_name(plan.temporary(change))
        if content is None or workspace.read(change.path) == content:
            if temporary.is_file():  # its folder may be something else by now
                temporary.unlink()
        else:
            make_directory(target.parent)
            write_plain(temporary, content, durable=False)
            written[change] = temporary
    sync_files(written.values())
    kept = [
        _place(workspace, plan, change, content, written.get(change)) for change, content in wanted.items()
    ]
    return [place for place in kept if place]


def _place(
    workspace: Workspace, plan: Record, change: FileChange, wanted: bytes | None, written: Path | None
) -> str | None:
    """Bring one file to `wanted`. An edit made after the interruption is moved aside, never lost."""
    target = workspace.confine(change.path)
    now = workspace.read(change.path)
    kept = None if now in {None, change.before, change.after} else _keep(workspace, plan, change.path, now)
    if written is not None:
        replace(written, target, mode=plan.modes.get(change.path))
    elif wanted is None and (target.is_file() or target.is_symlink()):
        target.unlink()  # what else may be in the way is not ours to remove
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
