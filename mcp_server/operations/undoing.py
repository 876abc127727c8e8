"""The work behind `undo_change`: a recorded change set, turned round, if nothing builds on it."""

import json
from collections.abc import Iterator

from mcp_server.changes import history, ledger, staged
from mcp_server.changes.change_set import ChangeSet
from mcp_server.migrations import heads
from mcp_server.migrations.take_back import Standing, standing, take_back
from mcp_server.operations.beside_edits import taken_back
from mcp_server.operations.change_result import ChangeResult
from mcp_server.operations.context import Context
from mcp_server.operations.settling import Wanted, settle
from mcp_server.operations.undo_change import UndoRequest
from mcp_server.workspace.errors import InvalidInput, Problem, Refused
from mcp_server.workspace.lock import workspace_lock
from mcp_server.workspace.workspace import Workspace

_UNDO = "undo_change"
_REDO = "undo_change with this change_id does it again"


async def undo(context: Context, request: UndoRequest) -> ChangeResult:
    """Undo the change, or show what that would change.

    Raises InvalidInput CHG009 for an unknown change, UND001 where there is none to undo; Refused UND002 (the same lines
    edited since), UND003 (another revision builds on its own), UND004 (a second head), UND005 (applied on a protected
    database), UND006 (rows would be lost and nobody confirmed it), UND007 (another change of the same feature since).
    """
    workspace = context.workspace
    async with workspace_lock(workspace, _UNDO):
        change_id, done = _chosen(workspace, request.change_id)
        if history.is_back(workspace, done):
            return ChangeResult(next=f"Nothing to do: {change_id} is not in effect")
        if problems := [*_built_upon(workspace, done)]:
            raise Refused(*problems)
        back, edited = await taken_back(workspace, change_id, done)
        staged.check(workspace, back)
        applied = await _applied(context, done)
        notes = [
            f"undoes {change_id}: {done.title}",
            *(f"{path} keeps what was edited since" for path in edited),
        ]
        if applied is not None:
            notes.append(await _take_back(context, applied, _tables(done), request))
        facts = {"notes": notes, "next": _REDO}
        wanted = Wanted(_UNDO, "", back, facts, undoes=change_id)
        return await settle(workspace, wanted, dry_run=request.dry_run)


def _chosen(workspace: Workspace, change_id: str | None) -> tuple[str, ChangeSet]:
    if change_id is not None:
        return change_id, history.load(workspace, change_id)
    for each in reversed(history.in_effect(workspace)):
        found = history.load(workspace, each)
        if not history.is_back(workspace, found):
            return each, found
    hint = "Give the change_id of an undo to do it again, or use git"
    raise InvalidInput(
        Problem("UND001", "change_id", "no recorded change of this checkout is in effect", hint)
    )


def _built_upon(workspace: Workspace, done: ChangeSet) -> Iterator[Problem]:
    """What the graph of revisions would have against it."""
    graph, folder = heads.read(workspace), heads.versions_folder(workspace)
    sources = {one.path: workspace.text(one.path) for one in graph.revisions.values()}
    gone = {one.id: one for one in graph.revisions.values() if one.path in _made(done, folder)}
    for one in graph.revisions.values():
        for parent in one.parents:
            if parent in gone and one.id not in gone:
                reason = f"builds on {parent}, which the change made"
                yield Problem("UND003", f"{one.path}:{one.line}", reason, "Undo the later change first")
    again = {
        each.path: (each.before or b"").decode() for each in done.changes if each.path in _taken(done, folder)
    }
    if again:
        left = {
            path: text for path, text in sources.items() if path not in {one.path for one in gone.values()}
        }
        found = heads.parse(left | again)
        if len(found.heads) > 1:
            reason = f"there would be {len(found.heads)} heads: others were made since"
            yield Problem("UND004", ", ".join(again), reason, "Undo the later changes first")


def _made(done: ChangeSet, folder: str) -> set[str]:
    return {each.path for each in done.changes if each.before is None and each.path.startswith(f"{folder}/")}


def _taken(done: ChangeSet, folder: str) -> set[str]:
    return {each.path for each in done.changes if each.after is None and each.path.startswith(f"{folder}/")}


async def _applied(context: Context, done: ChangeSet) -> Standing | None:
    """Where the database stands, if it has revisions that the change made."""
    workspace = context.workspace
    graph, made = heads.read(workspace), _made(done, heads.versions_folder(workspace))
    revisions = tuple(one.id for one in graph.ordered(graph.revisions) if one.path in made)
    return await standing(workspace, context.child, revisions) if revisions else None


async def _take_back(context: Context, applied: Standing, tables: list[str], request: UndoRequest) -> str:
    """Downgrade the database; what was, or would be, done."""
    if applied.target.class_ == "protected":
        reason = f"{', '.join(applied.revisions)} is applied on {applied.target}"
        hint = "Write a new change that reverses it; what is released is never taken back"
        raise Refused(Problem("UND005", str(applied.target), reason, hint))
    rows = await applied.rows(context.child, tables)
    if rows and applied.target.class_ != "disposable" and not request.confirm:
        held = ", ".join(f"{count} row{'s' * (count > 1)} of {table}" for table, count in rows.items())
        reason = f"the way down may lose {held}, or values in them"
        hint = "Call again with confirm; an SQLite file is copied first"
        raise Refused(Problem("UND006", str(applied.target), reason, hint))
    what = f"{', '.join(applied.revisions)} on {applied.target}"
    if request.dry_run:
        return f"would first downgrade {what}"
    backup = await take_back(context.workspace, context.child, applied)
    return f"downgraded {what}" + (f"; copy from before: {backup}" if backup else "")


def _tables(done: ChangeSet) -> list[str]:
    """The tables of the features that the change touched."""
    entries = [each for each in done.changes if each.path.startswith(f"{ledger.DIRECTORY}/")]
    contents = [each.after or each.before or b"{}" for each in entries]
    return [json.loads(content)["spec"]["plural"] for content in contents]
