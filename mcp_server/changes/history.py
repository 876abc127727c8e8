"""The last changes of this checkout with their content, kept outside the commit, so that they can be undone."""

import json
import time
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from mcp_server.changes.change_set import ChangeSet, FileChange
from mcp_server.workspace.errors import InvalidInput, Problem
from mcp_server.workspace.files import write_atomic
from mcp_server.workspace.workspace import Workspace

Content = bytes | str | None
"""Of a file, or the name of that content; None where there is no file."""


def record(workspace: Workspace, change_set: ChangeSet, operation: str, *, undoes: str | None = None) -> str:
    """Store a change set before and after; its id, which sorts by time. Content is kept once however often it occurs.

    `undoes` is the change that this one takes back.

    Nothing waits for the disk: after a power failure the tree is whole, and a damaged record is refused by `load`.
    """
    home = _home(workspace)
    now = time.time_ns()
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now // 10**9)) + f"{now // 1000 % 10**6:06d}"
    change_id = f"{stamp}-{change_set.digest[:6]}"
    changes = [
        {"path": each.path, "before": _store(home, each.before), "after": _store(home, each.after)}
        for each in change_set.changes
    ]
    document = {
        "id": change_id,
        "operation": operation,
        "title": change_set.title,
        "undoes": undoes,
        "changes": changes,
    }
    write_atomic(home / f"{change_id}.json", json.dumps(document, indent=1).encode(), durable=False)
    return change_id


def load(workspace: Workspace, change_id: str) -> ChangeSet:
    """A recorded change set. Raises InvalidInput CHG009 when there is none of that id, CHG010 when it is damaged."""
    home = _home(workspace)
    if change_id not in ids(workspace):
        reason, hint = "no such change is recorded here", "Ids come from the reply of the operation"
        raise InvalidInput(Problem("CHG009", change_id, reason, hint))
    try:
        document: dict[str, Any] = json.loads((home / f"{change_id}.json").read_bytes())
        changes = tuple(
            FileChange(each["path"], _content(home, each["before"]), _content(home, each["after"]))
            for each in document["changes"]
        )
        return ChangeSet(document["title"], changes)
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason, hint = f"its record is damaged: {error}", "Use git to go back"
        raise InvalidInput(Problem("CHG010", change_id, reason, hint)) from error


def in_effect(workspace: Workspace) -> list[str]:
    """The recorded changes that no undo has taken back, oldest first; the undos themselves are not among them.

    An undo that was recorded and never came about counts for nothing: what came next, or is there now, tells.
    """
    documents = {each: _document(workspace, each) for each in ids(workspace)}
    came_about = list[str]()
    found: dict[str, str | None] = {}  # which content the later records found in each file
    for each, document in reversed(documents.items()):
        changes = document.get("changes", ())
        for change in changes:
            if change["path"] not in found:
                content = workspace.read(change["path"])
                found[change["path"]] = None if content is None else sha256(content).hexdigest()
        if not document.get("undoes") or not _back(
            [(found[change["path"]], change["before"], change["after"]) for change in changes]
        ):
            came_about.append(each)
        found.update((change["path"], change["before"]) for change in changes)
    applied: dict[str, bool] = {}

    def mark(change_id: str, value: bool) -> None:
        applied[change_id] = value
        if target := documents.get(change_id, {}).get("undoes"):
            mark(target, not value)

    for each in reversed(came_about):
        mark(each, True)
    return [each for each, document in documents.items() if not document.get("undoes") and applied[each]]


def touching(workspace: Workspace, path: str) -> list[str]:
    """The changes in effect that edit a file, oldest first."""
    return [
        each
        for each in in_effect(workspace)
        if any(change.path == path for change in load(workspace, each).changes)
    ]


def is_back(workspace: Workspace, change_set: ChangeSet) -> bool:
    """Whether the files are as before the change: it was taken back, or interrupted before it came about.

    A file that is neither as before nor as after it was edited since, and tells nothing.
    """
    return _back([(workspace.read(each.path), each.before, each.after) for each in change_set.changes])


def _back(files: Iterable[tuple[Content, Content, Content]]) -> bool:
    """Whether files, given as they are, were before and were after a change, are as before."""
    told = [now == before for now, before, after in files if now in (before, after)]
    return any(told) and all(told)


def _document(workspace: Workspace, change_id: str) -> dict[str, Any]:
    try:
        document = json.loads((_home(workspace) / f"{change_id}.json").read_bytes())
    except ValueError:
        return {}  # `load` says what is wrong with it
    return document if isinstance(document, dict) else {}


def forget(workspace: Workspace, change_id: str) -> None:
    """Take back the record of a change that did not come about."""
    (_home(workspace) / f"{change_id}.json").unlink(missing_ok=True)


def ids(workspace: Workspace) -> list[str]:
    """Every recorded change, oldest first."""
    home = workspace.root / ".kit" / "history"
    return sorted(path.stem for path in home.glob("*.json")) if home.is_dir() else []


def _home(workspace: Workspace) -> Path:
    home = workspace.root / ".kit" / "history"
    if not (home / "objects").is_dir():
        (home / "objects").mkdir(parents=True, exist_ok=True)
        (home / ".gitignore").write_text("*\n", encoding="utf-8")
    return home


def _store(home: Path, content: bytes | None) -> str | None:
    if content is None:
        return None
    name = sha256(content).hexdigest()
    path = home / "objects" / name
    if not path.exists():
        write_atomic(path, content, durable=False)
    return name


def _content(home: Path, name: str | None) -> bytes | None:
    if name is None:
        return None
    content = (home / "objects" / name).read_bytes()
    if sha256(content).hexdigest() != name:
        raise ValueError(f"object {name} does not have that content")
    return content
