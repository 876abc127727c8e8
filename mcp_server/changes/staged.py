"""Whether a change set can be applied: every path inside the tree, every result readable, the disk as it was planned on."""

import json
import tomllib
import warnings
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from mcp_server.changes.change_set import ChangeSet, FileChange
from mcp_server.workspace.errors import InvalidInput, Problem, Refused
from mcp_server.workspace.listing import PRIVATE
from mcp_server.workspace.syntax import require_valid
from mcp_server.workspace.workspace import Workspace

_OFF_LIMITS = (".git", ".venv")


def check(workspace: Workspace, change_set: ChangeSet) -> None:
    """Judge the change set without writing anything; all problems at once.

    Raises InvalidInput WS002 (a path outside the root), CHG002 (a result that does not parse), CHG003 (a path that is
    no file, or given twice), CHG004 (a path that belongs to git, the interpreter or the kit's scratch); otherwise
    Refused CHG001 when a file is not what the change set was made from.
    """
    problems = [*_collisions(change_set)]
    for change in change_set.changes:
        found = [*_misplaced(workspace, change.path)]
        problems += found or _unreadable(change)
    if problems:
        raise InvalidInput(*problems)
    require_unchanged(workspace, change_set)


def require_unchanged(workspace: Workspace, change_set: ChangeSet) -> None:
    """Raises Refused CHG001, naming every file that is not what the change set was made from."""
    stale = [
        Problem("CHG001", change.path, _difference(change.before, now), "Plan the operation again")
        for change in change_set.changes
        if (now := workspace.read(change.path)) != change.before
    ]
    if stale:
        raise Refused(*stale)


def _difference(before: bytes | None, now: bytes | None) -> str:
    if before is None:
        return "a file is already there"
    return (
        "was deleted since the change was planned"
        if now is None
        else "was edited since the change was planned"
    )


def _misplaced(workspace: Workspace, path: str) -> Iterator[Problem]:
    try:
        target = workspace.confine(path)
    except InvalidInput as error:
        yield from error.problems
        return
    if path != PurePosixPath(path).as_posix():
        yield Problem("WS002", path, "is not in its shortest form", f"Write {PurePosixPath(path).as_posix()}")
    elif path.startswith(PRIVATE) or PurePosixPath(path).parts[0] in _OFF_LIMITS:
        yield Problem("CHG004", path, "is not part of the source tree", "Change files of the project only")
    elif target.is_symlink():
        yield Problem("CHG003", path, "is a link", "Change the file that it points to")
    elif target.exists() and not target.is_file():
        yield Problem("CHG003", path, "is a directory", "Choose another name")
    else:
        standing = next(each for each in target.parents if each.exists())
        if not standing.is_dir():
            place = standing.relative_to(workspace.root).as_posix()
            hint = "Choose another place, or remove that file first"
            yield Problem("CHG003", path, f"{place} is a file, not a directory", hint)


def _collisions(change_set: ChangeSet) -> Iterator[Problem]:
    """Paths that would overwrite each other, also where the file system ignores case."""
    written: dict[str, str] = {}
    for change in change_set.changes:
        folded = change.path.casefold()
        if folded in written:
            reason = f"names the same file as {written[folded]}"
            yield Problem(
                "CHG003", change.path, reason, "Give each file once, with names that differ by more than case"
            )
        if change.after is not None or folded not in written:
            written[folded] = change.path
    kept = {change.path.casefold() for change in change_set.changes if change.after is not None}
    for change in change_set.changes:
        parents = {parent.as_posix().casefold() for parent in PurePosixPath(change.path).parents}
        if change.after is not None and parents & kept:
            yield Problem(
                "CHG003",
                change.path,
                "lies below a path that the same change makes a file",
                "Choose another place",
            )


def _unreadable(change: FileChange) -> list[Problem]:
    parse = _PARSERS.get(PurePosixPath(change.path).suffix)
    if change.after is None or parse is None:
        return []
    try:
        parse(change.after)
    except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
        hint = "This is a fault of whatever made the change; nothing was written"
        return [Problem("CHG002", _position(change.path, error), f"would not parse: {error}", hint)]
    return []


def _position(path: str, error: BaseException) -> str:
    line = error.lineno if isinstance(error, SyntaxError | json.JSONDecodeError) else None
    return path if line is None else f"{path}:{line}"


def _parse_python(data: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a doubtful escape is the linter's business
        require_valid(data)


def _parse_toml(data: bytes) -> None:
    tomllib.loads(data.decode())


def _parse_yaml(data: bytes) -> None:
    import yaml

    try:
        for _ in yaml.compose_all(data.decode(), yaml.SafeLoader):
            pass
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error


_PARSERS: dict[str, Callable[[bytes], object]] = {
    ".py": _parse_python,
    ".json": json.loads,
    ".toml": _parse_toml,
    ".yaml": _parse_yaml,
    ".yml": _parse_yaml,
}
