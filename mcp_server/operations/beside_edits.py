"""A recorded change, taken back in the files as they are now: its own lines go, what was edited since stays."""

import ast
from collections.abc import Iterable, Iterator

from mcp_server.changes import history, ledger
from mcp_server.changes.change_set import ChangeSet, FileChange
from mcp_server.changes.line_merge import LinesCollide, Span, changed_lines, merge_lines
from mcp_server.features.edits.conflicts import EditConflict
from mcp_server.features.edits.merge import merge
from mcp_server.operations.formatting import format_alike
from mcp_server.workspace.errors import Problem, Refused
from mcp_server.workspace.syntax import parse
from mcp_server.workspace.workspace import Workspace

_HINT = "Take that edit back, then try again; git has every version that was committed"
_PLACES = 20
"""Spans of lines that one problem names."""


async def taken_back(workspace: Workspace, change_id: str, done: ChangeSet) -> tuple[ChangeSet, list[str]]:
    """The change set that takes `done` back, and the files in which edits made since stay.

    Raises Refused UND007 where a later change of the kit rewrote the ledger, UND002 for every edit of what would change.
    """
    if problems := [*_rewritten(workspace, change_id, done)]:
        raise Refused(*problems)
    before = {each.path: workspace.read(each.path) for each in done.changes}
    after: dict[str, bytes | None] = {}
    merged: dict[str, str] = {}
    for each in done.changes:
        now = before[each.path]
        if now in (each.before, each.after):
            after[each.path] = each.before
        else:
            try:
                merged[each.path] = _merged(each, now)
            except Refused as error:
                problems += error.problems
    if problems:
        raise Refused(*problems)
    after |= {path: text.encode() for path, text in (await format_alike(workspace, merged)).items()}
    return ChangeSet.between(f"Undo: {done.title}", before, after), sorted(merged)


def _rewritten(workspace: Workspace, change_id: str, done: ChangeSet) -> Iterator[Problem]:
    """The entries of the ledger that were made for other files than the change made: no line of them can be taken back."""
    for each in done.changes:
        entry = each.path.startswith(f"{ledger.DIRECTORY}/")
        if entry and workspace.read(each.path) not in (each.before, each.after):
            since = [one for one in history.touching(workspace, each.path) if one > change_id]
            reason = f"was written again since{f', by {since[-1]}' if since else ''}"
            yield Problem("UND007", each.path, reason, "Undo the later change first, or use git")


def _merged(change: FileChange, now: bytes | None) -> str:
    """The file without the change. Raises Refused UND002 where that and what was edited since are about the same."""
    path, base, wanted = change.path, change.after, change.before
    if now is None:
        raise _edited(path, "was deleted since the change")
    if base is None:
        raise _edited(path, "is there again since the change")
    if wanted is None:
        raise _edited(_lines(path, changed_lines(base, now)), "was edited since the change")
    try:
        current = now.decode()
    except UnicodeDecodeError as error:
        raise _edited(path, "was edited since the change, and is not UTF-8") from error
    by_lines = None
    try:
        by_lines = merge_lines(base, wanted, now).decode()
    except LinesCollide as error:
        if not path.endswith(".py"):
            raise _edited(_lines(path, error.spans), "was edited since the change") from error
    if by_lines is not None and not path.endswith(".py"):
        return by_lines
    try:
        by_syntax = merge(path, base.decode(), wanted.decode(), current)
    except EditConflict as error:
        problems = (Problem("UND002", each.place, each.reason, _HINT) for each in error.problems)
        raise Refused(*problems) from error
    # Lines can be apart and still belong together, such as an import and the edit that uses it: the syntax decides.
    return by_lines if by_lines is not None and _same(by_lines, by_syntax) else by_syntax


def _same(one: str, other: str) -> bool:
    try:
        return ast.dump(parse(one)) == ast.dump(parse(other))
    except SyntaxError:
        return False


def _edited(place: str, reason: str) -> Refused:
    return Refused(Problem("UND002", place, reason, _HINT))


def _lines(path: str, spans: Iterable[Span]) -> str:
    """The file with lines as they are now; where lines went, the one behind."""
    places = [f"{first}-{last}" if first < last else str(first) for first, last in spans]
    return f"{path}:{','.join(places[:_PLACES])}"
