"""The last step of every change of a feature: its change set is checked, then shown or applied and recorded."""

from dataclasses import dataclass
from typing import Any

from mcp_server.changes import history, journal, staged
from mcp_server.changes.change_set import ChangeSet
from mcp_server.operations.change_result import ChangeResult
from mcp_server.workspace.workspace import Workspace

_NOT_WRITTEN = "Nothing was written. Call again without dry_run to apply exactly this"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change that is ready: what it edits, and the facts to answer with when it is done."""

    operation: str
    feature: str
    change_set: ChangeSet
    facts: dict[str, Any]
    undoes: str | None = None


async def settle(workspace: Workspace, wanted: Wanted, *, dry_run: bool) -> ChangeResult:
    """Apply it, or return and store its diff. The caller holds the workspace.

    Raises InvalidInput or Refused (see `staged.check`, `journal.apply`); the tree is then as before.
    """
    change_set = wanted.change_set
    staged.check(workspace, change_set)
    if dry_run:
        return _shown(workspace, wanted)
    # Recorded first: a change that is in the tree can always be undone, and undo passes over one that never got there.
    change_id = history.record(workspace, change_set, wanted.operation, undoes=wanted.undoes)
    try:
        await journal.apply(workspace, change_set)
    except BaseException:
        if not journal.is_decided(workspace):
            history.forget(workspace, change_id)
        raise
    return ChangeResult(
        feature=wanted.feature, files=line_counts(change_set), change_id=change_id, **wanted.facts
    )


def _shown(workspace: Workspace, wanted: Wanted) -> ChangeResult:
    diff = wanted.change_set.diff()
    file = keep(workspace, f"{wanted.feature or wanted.operation}.diff", diff)
    facts = {**wanted.facts, "diff": diff, "diff_file": file, "next": _NOT_WRITTEN}
    return ChangeResult(feature=wanted.feature, files=line_counts(wanted.change_set), **facts)


def keep(workspace: Workspace, name: str, text: str) -> str:
    """Store a diff or patch for whoever asked for it; its path relative to the root."""
    folder = workspace.scratch / "diffs"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return (folder / name).relative_to(workspace.root).as_posix()


def line_counts(change_set: ChangeSet) -> dict[str, int]:
    return {change.path: (change.after or b"").count(b"\n") for change in change_set.changes}
