"""A run of the gates, new or stored, as the whole report. `run_quality_gates` answers with an extract of it."""

from collections.abc import Awaitable, Callable, Collection
from typing import TYPE_CHECKING

from mcp_server.operations.context import Context
from mcp_server.workspace.errors import InvalidInput, Problem

if TYPE_CHECKING:
    from mcp_server.gates.result import Event, Report


async def gate_report(
    context: Context,
    *,
    only: Collection[str] = (),
    changed: bool = False,
    no_cache: bool = False,
    run_id: str | None = None,
    on_event: "Callable[[Event], Awaitable[None] | None] | None" = None,
) -> "Report":
    """Run the gates, or read the finished run `run_id`. Raises InvalidInput for unknown gates, groups and runs."""
    workspace = context.workspace
    if run_id is not None:
        return _stored(context, run_id)

    from mcp_server.gates.runner import run_gates
    from mcp_server.operations.changed_files import changed_files

    return await run_gates(
        workspace,
        context.child,
        only=only,
        use_cache=not no_cache,
        changed=await changed_files(workspace) if changed else None,
        on_event=on_event,
    )


def _stored(context: Context, run_id: str) -> "Report":
    from mcp_server.gates.runs import find_report

    report = find_report(context.workspace, run_id)
    if report is None:
        raise InvalidInput(Problem("GATE002", "run_id", "no run is stored", "Run the gates without it"))
    return report
