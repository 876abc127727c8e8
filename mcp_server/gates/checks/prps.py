"""An agent can start on every PRP without asking, and the view of the plan says what the PRPs say."""

import asyncio

from mcp_server.gates.gate import Finding, Gate, GateContext, Outcome
from mcp_server.gates.result import failed, passed
from mcp_server.workspace.errors import Problem
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
    if not problems:
        return passed(f"{len(prps)} PRPs and the plan are in order")
    log = "".join(f"{problem}\n" for problem in problems)
    return failed(f"{len(problems)} problems in the PRPs", tuple(map(_finding, problems)), log)


def _finding(problem: Problem) -> Finding:
    """The place is a path, with a line (`prp.md:12`) or with the part of the front matter (`prp.md tasks[0]`)."""
    place, _, part = problem.place.partition(" ")
    file, _, line = place.rpartition(":")
    if not file or not line.isdigit():
        file, line = place, "0"
    message = f"{part}: {problem.reason}" if part else problem.reason
    return Finding(file, int(line), problem.code, message, fix=problem.hint)


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
