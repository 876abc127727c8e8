"""An agent can start on every PRP without asking, and the view of the plan says what the PRPs say."""

import asyncio

from mcp_server.gates.gate import Gate, GateContext, Outcome
from mcp_server.gates.result import judged
from mcp_server.workspace.workspace import Workspace


def present(workspace: Workspace) -> bool:
    """Say whether this workspace has PRPs."""
    return bool(workspace.files("PRPs/*/prp.md"))


async def run(context: GateContext) -> Outcome:
    """Check without writing anything."""
    return await asyncio.to_thread(_check, context.workspace)


def _check(workspace: Workspace) -> Outcome:
    from mcp_server.gates.registry import gates_of
    from mcp_server.plan.view import drift
    from mcp_server.prps.check import check_all
    from mcp_server.prps.read import read_prps

    prps, _ = read_prps(workspace)
    problems = (*check_all(workspace, [gate.id for gate in gates_of(workspace)]), *drift(workspace, prps))
    return judged(problems, f"{len(prps)} PRPs and the plan are in order", "problems in the PRPs")


gate = Gate(
    id="prps",
    group="workspace",
    title="PRPs and plan",
    # A PRP may name any path of the workspace as its context or its tests.
    inputs=("**",),
    run=run,
    weight=0.3,
    rank=82,
    engines=("prps", "plan", "changes"),
    present=present,
)
