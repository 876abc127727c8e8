"""Publish what the workspace says of itself: rule files for every coding tool, and the view of the plan."""

from mcp_server.changes.change_set import ChangeSet
from mcp_server.workspace.errors import InvalidInput, Problem
from mcp_server.workspace.workspace import Workspace


def pending(workspace: Workspace) -> ChangeSet:
    """The edits that bring the published rules and the plan up to date; empty when they are.

    Raises InvalidInput for unreadable rules or PRPs, Refused where somebody's own file is in the way.
    """
    from mcp_server.plan.view import render
    from mcp_server.prps.read import read_prps
    from mcp_server.rules.publish import publish

    prps, problems = read_prps(workspace)
    if problems:
        raise InvalidInput(*problems)
    return ChangeSet("publish rules and plan", publish(workspace).changes + render(workspace, prps).changes)


async def publish_all(workspace: Workspace) -> ChangeSet:
    """Write them, all or none, and return what was written."""
    from mcp_server.changes import journal, staged
    from mcp_server.workspace.lock import workspace_lock

    async with workspace_lock(workspace, "rules sync"):
        await journal.recover(workspace)
        change_set = pending(workspace)
        if change_set:
            staged.check(workspace, change_set)
            await journal.apply(workspace, change_set)
        return change_set


def problems_of(workspace: Workspace) -> tuple[Problem, ...]:
    """Everything that is wrong with the rules, the PRPs and the plan. Writes nothing."""
    from mcp_server.gates.registry import gates_of
    from mcp_server.plan.view import drift
    from mcp_server.prps.check import check_all
    from mcp_server.prps.read import read_prps
    from mcp_server.rules.check import check_rules

    gates = [gate.id for gate in gates_of(workspace)]
    prps, _ = read_prps(workspace)
    return (*check_rules(workspace, gates), *check_all(workspace, gates), *drift(workspace, prps))


def prp_problems(workspace: Workspace) -> tuple[Problem, ...]:
    """Everything that is wrong with the PRPs."""
    from mcp_server.gates.registry import gates_of
    from mcp_server.prps.check import check_all

    return check_all(workspace, [gate.id for gate in gates_of(workspace)])


def plan_text(workspace: Workspace) -> str:
    """The board of tasks as the PRPs give it now. Raises InvalidInput for PRPs that cannot be read."""
    from mcp_server.plan.view import view
    from mcp_server.prps.read import read_prps

    prps, problems = read_prps(workspace)
    if problems:
        raise InvalidInput(*problems)
    return view(prps)
