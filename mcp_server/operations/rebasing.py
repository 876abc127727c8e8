"""`kit migrate rebase`: one of two lines of revisions is put behind the other, so that there is one head again."""

import ast
from dataclasses import replace

from mcp_server.changes import ledger
from mcp_server.changes.change_set import ChangeSet
from mcp_server.features.edits.source import Source
from mcp_server.migrations import heads
from mcp_server.migrations.heads import Revision, RevisionGraph
from mcp_server.operations.change_result import ChangeResult
from mcp_server.operations.context import Context
from mcp_server.operations.feature_files import content_hash
from mcp_server.operations.settling import Wanted, settle
from mcp_server.workspace.errors import Problem, Refused
from mcp_server.workspace.lock import workspace_lock

_NAME = "rebase"
_NEXT = "plan_migration proves the revisions in their new order"


async def rebase(context: Context, *, dry_run: bool = False) -> ChangeResult:
    """Set the parent of a line that the database of the settings does not have, or show what that would change.

    Raises Refused MIG046 where both lines are applied there, MIG014 where that database is at a revision that no file
    defines, MIG047 where the line begins with a merge; KitError where the database cannot be read.
    """
    from mcp_server.migrations.draft import CHILD

    workspace = context.workspace
    async with workspace_lock(workspace, _NAME):
        graph = heads.read(workspace)
        if len(graph.heads) < 2:
            return ChangeResult(next="Nothing to do: there is one head")
        current = (await context.child.call(f"{CHILD}:state"))["current"]
        if unknown := [one for one in current if one not in graph.revisions]:
            hint = "Restore that file: another branch may have it"
            raise Refused(
                Problem("MIG014", ", ".join(unknown), "applied, and no revision file defines it", hint)
            )
        applied = frozenset[str]().union(*(graph.ancestors(one) for one in current))
        first, behind = _choice(graph, applied)
        before = {first.path: workspace.read(first.path)}
        text = _with_parent(workspace.text(first.path), first, behind)
        after: dict[str, bytes | None] = {first.path: text.encode()}
        for entry in ledger.read(workspace).values():
            if entry.files.get(first.path) == content_hash(workspace.text(first.path)):
                path, content = replace(
                    entry, files={**entry.files, first.path: content_hash(text)}
                ).to_file()
                before[path], after[path] = workspace.read(path), content
        title = f"Put revision {first.id} behind {behind}"
        note = f"{first.path}:{first.line} builds on {behind} now"
        change_set = ChangeSet.between(title, before, after)
        facts = {"notes": [note], "next": _NEXT}
        return await settle(workspace, Wanted(_NAME, "", change_set, facts), dry_run=dry_run)


def _choice(graph: RevisionGraph, applied: frozenset[str]) -> tuple[Revision, str]:
    """The first revision of the line to move, and the head that it goes behind."""
    lines = {
        head: graph.ancestors(head, without=[one for one in graph.heads if one != head])
        for head in graph.heads
    }
    free = [head for head, line in lines.items() if not line & applied]
    if not free:
        reason = f"{' and '.join(graph.heads)} are both applied in the database of the settings"
        hint = f"What is applied keeps its place: write a merge with `alembic merge {' '.join(graph.heads)}`"
        raise Refused(Problem("MIG046", "alembic/versions", reason, hint))
    moved = max(free, key=lambda head: (len(lines[head]), head))
    behind = next((head for head in graph.heads if head not in free), None)
    behind = behind or next(head for head in graph.heads if head != moved)
    inside = graph.ordered(lines[moved])
    roots = [one for one in inside if not lines[moved] & set(one.parents)]
    if len(roots) != 1 or len(roots[0].parents) > 1:
        reason = f"the line of {moved} has no single beginning"
        raise Refused(Problem("MIG047", roots[0].path, reason, "Set its down_revision by hand"))
    return roots[0], behind


def _with_parent(text: str, revision: Revision, parent: str) -> str:
    """The file with another parent; the line of the docstring that repeats it follows."""
    source = Source(text)
    value = next(
        node.value
        for node in source.tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and node.lineno == revision.line
    )
    text = f'{text[: source.start(value)]}"{parent}"{text[source.end(value) :]}'
    old = revision.parents[0] if revision.parents else "base"
    return text.replace(f"\nRevises: {old}\n", f"\nRevises: {parent}\n", 1)
