"""The last changes of this checkout with their content, kept outside the commit, so that they can be undone.

A record is one file: a line of JSON that tells what each path held before and after, by the names of the contents, and
then these contents, each once. Every new file is looked for a free place on the disk, which can take longer than writing it.
"""

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

_SUFFIX = ".change"


def record(workspace: Workspace, change_set: ChangeSet, operation: str, *, undoes: str | None = None) -> str:
    """Store a change set before and after; its id, which sorts by time.

    `undoes` is the change that this one takes back.

    Nothing waits for the disk: after a power failure the tree is whole, and a damaged record is refused by `load`.
    """
    now = time.time_ns()
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now // 10**9)) + f"{now // 1000 % 10**6:06d}"
    change_id = f"{stamp}-{change_set.digest[:6]}"
    contents: dict[str, bytes] = {}
    changes = [
        {"path": each.path, "before": _name(each.before, contents), "after": _name(each.after, contents)}
        for each in change_set.changes
    ]
    document = {
        "id": change_id,
        "operation": operation,
        "title": change_set.title,
        "undoes": undoes,
        "changes": changes,
        "contents": {name: len(content) for name, content in contents.items()},
    }
    data = b"".join([json.dumps(document).encode(), b"\n", *contents.values()])
    write_atomic(_home(workspace) / f"{change_id}{_SUFFIX}", data, durable=False)
    return change_id


def load(workspace: Workspace, change_id: str) -> ChangeSet:
    """A recorded change set. Raises InvalidInput CHG009 when there is none of that id, CHG010 when it is damaged."""
    if change_id not in ids(workspace):
        reason, hint = "no such change is recorded here", "Ids come from the reply of the operation"
        raise InvalidInput(Problem("CHG009", change_id, reason, hint))
    try:
        line, _, rest = (_home(workspace) / f"{change_id}{_SUFFIX}").read_bytes().partition(b"\n")
        document: dict[str, Any] = json.loads(line)
        contents = _contents(document["contents"], rest)
        changes = tuple(
            FileChange(each["path"], contents[each["before"]], contents[each["after"]])
            for each in document["changes"]
        )
        return ChangeSet(document["title"], changes)
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason, hint = f"its record is damaged: {error}", "Use git to go back"
        raise InvalidInput(Problem("CHG010", change_id, reason, hint)) from error


def in_effect(workspace: Workspace) -> list[str]:
    """The recorded changes that no undo has taken back, oldest first; the undos themselves are not among them.

    An undo that was recorded and never came about counts for nothing. Whether it did is read from what the next record
    of its files found in them, or else from the files as they are now.
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
    for each in reversed(came_about):  # the oldest first: a later one has the last word on what it undoes
        target: str | None = each
        value = True
        while target:
            applied[target] = value
            target, value = documents.get(target, {}).get("undoes"), not value
    return [each for each, document in documents.items() if not document.get("undoes") and applied[each]]


def touching(workspace: Workspace, path: str) -> list[str]:
    """The changes in effect that edit a file, oldest first."""
    return [
        each
        for each in in_effect(workspace)
        if any(change["path"] == path for change in _document(workspace, each).get("changes", ()))
    ]


def is_back(workspace: Workspace, change_set: ChangeSet) -> bool:
    """Whether the files are as before the change: it was taken back, or interrupted before it came about.

    A file that is neither as before nor as after it was edited since, and tells nothing.
    """
    return _back([(workspace.read(each.path), each.before, each.after) for each in change_set.changes])


def _back(files: Iterable[tuple[Content, Content, Content]]) -> bool:
    """Whether files are as before a change. Each is given as it is now, was before the change and was after it."""
    told = [now == before for now, before, after in files if now in (before, after)]
    return any(told) and all(told)


def _document(workspace: Workspace, change_id: str) -> dict[str, Any]:
    try:
        with (_home(workspace) / f"{change_id}{_SUFFIX}").open("rb") as file:
            document = json.loads(file.readline())
    except ValueError:
        return {}  # `load` says what is wrong with it
    return document if isinstance(document, dict) else {}


def forget(workspace: Workspace, change_id: str) -> None:
    """Take back the record of a change that did not come about."""
    (_home(workspace) / f"{change_id}{_SUFFIX}").unlink(missing_ok=True)


def ids(workspace: Workspace) -> list[str]:
    """Every recorded change, oldest first."""
    home = workspace.root / ".kit" / "history"
    return sorted(path.stem for path in home.glob(f"*{_SUFFIX}")) if home.is_dir() else []


def _home(workspace: Workspace) -> Path:
    home = workspace.root / ".kit" / "history"
    if not (home / ".gitignore").is_file():
        home.mkdir(parents=True, exist_ok=True)
        (home / ".gitignore").write_text("*\n", encoding="utf-8")
    return home


def _contents(lengths: dict[str, int], data: bytes) -> dict[str | None, bytes | None]:
    """The contents in `data` by their names. Raises ValueError where one is not what its name says."""
    found: dict[str | None, bytes | None] = {None: None}
    for name, length in lengths.items():
        found[name], data = data[:length], data[length:]
        if _name(found[name], {}) != name:
            raise ValueError(f"the content {name} is another now")
    return found


def _name(content: bytes | None, contents: dict[str, bytes]) -> str | None:
    """The name of a content, which joins `contents`; None where there is no file."""
    if content is None:
        return None
    name = sha256(content).hexdigest()
    contents[name] = content
    return name
