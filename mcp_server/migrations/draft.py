"""The part of a plan that is bound to one database: target, pending revisions, verdicts. Made again before applying."""

import json
from dataclasses import dataclass
from hashlib import sha256

from mcp_server.migrations import heads
from mcp_server.migrations.results import PlannedRevision
from mcp_server.migrations.target import Address, Target, classify
from mcp_server.migrations.token import Material
from mcp_server.workspace.child import ChildFailed, WarmChild
from mcp_server.workspace.errors import KitError, Problem
from mcp_server.workspace.workspace import Workspace

CHILD = "mcp_server.migrations.in_child"
REHEARSAL_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Draft:
    """`problems`: the rehearsal failed, so there is nothing to apply."""

    target: Target
    current: tuple[str, ...]
    head: str | None
    heads: int
    revisions: tuple[PlannedRevision, ...]
    problems: tuple[Problem, ...]
    material: Material


async def read_target(workspace: Workspace, child: WarmChild) -> Target:
    """The database of the app's settings and its class; nothing is connected to."""
    return classify(Address.read(await child.call(f"{CHILD}:address")), workspace.root)


async def draft(workspace: Workspace, child: WarmChild) -> Draft:
    """Rehearse what is pending. KitError for several heads, an unreachable database or one at an unknown revision."""
    graph = heads.read(workspace)
    head = graph.head
    target = await read_target(workspace, child)
    try:
        state = await child.call(f"{CHILD}:state")
    except ChildFailed as error:
        hint = "Start the database, or correct DATABASE_URL"
        raise KitError(
            Problem(
                "MIG016", target.database or target.engine, f"cannot be read: {error.message or error}", hint
            )
        ) from error
    current = tuple(state["current"])
    if unknown := [one for one in current if one not in graph.revisions]:
        reason = f"the database is at {', '.join(unknown)}, which no revision file defines"
        hint = "Restore that file: another branch may have it"
        raise KitError(Problem("MIG014", str(target), reason, hint))
    pending = graph.pending(current)
    steps = [{"id": one.id, "path": one.path, "message": one.message} for one in pending]
    revisions: tuple[PlannedRevision, ...] = ()
    problems: tuple[Problem, ...] = ()
    if steps:
        found = await child.call(
            f"{CHILD}:rehearsal",
            timeout=REHEARSAL_SECONDS,
            pending=steps,
            start=current[0] if current else None,
            local=target.class_ != "protected",
        )
        revisions = tuple(PlannedRevision.read(one) for one in found["revisions"])
        problems = tuple(Problem(**one) for one in found["problems"])
    material = Material(
        state["identity"],
        f"{target.engine} {target.host}/{target.database}",
        current,
        tuple((one.id, _digest(workspace, one)) for one in revisions),
    )
    return Draft(target, current, head, len(graph.heads), revisions, problems, material)


def _digest(workspace: Workspace, revision: PlannedRevision) -> str:
    # Without the values of this run.
    statements = [line.partition("  -- ")[0] for line in revision.sql.splitlines()]
    verdicts = [(one.operation, one.verdict) for one in revision.judgements]
    text = json.dumps([workspace.text(revision.path), statements, verdicts])
    return sha256(text.encode()).hexdigest()
