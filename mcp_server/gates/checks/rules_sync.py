"""The published rule files say what rules/ says, and everything that the rules name exists."""

import asyncio

from mcp_server.gates.gate import Gate, GateContext, Outcome
from mcp_server.gates.result import judged
from mcp_server.workspace.workspace import Workspace


def present(workspace: Workspace) -> bool:
    """Say whether this workspace has rules of its own to publish."""
    return bool(workspace.files("rules/*.md"))


async def run(context: GateContext) -> Outcome:
    """Compare without writing anything."""
    from mcp_server.gates.registry import gates_of
    from mcp_server.rules.check import check_rules

    workspace = context.workspace
    gates = [gate.id for gate in gates_of(workspace)]
    problems = await asyncio.to_thread(check_rules, workspace, gates)
    return judged(problems, "published files and references are in order", "problems in the rule files")


gate = Gate(
    id="rules-sync",
    group="workspace",
    title="Rule files",
    # The rules may name any path of the workspace, so any file that appears or goes can matter.
    inputs=("**",),
    run=run,
    weight=0.5,
    rank=80,
    engines=("rules", "architecture", "changes"),
    present=present,
)
