"""Runs the gates and shows them. On an unchanged tree nothing heavy is imported: the answer comes in a blink."""

import asyncio
import sys
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from mcp_server.changes import journal
from mcp_server.operations.context import Context
from mcp_server.operations.gate_runs import gate_report
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace

if TYPE_CHECKING:
    from mcp_server.gates.report.people import LiveTable
    from mcp_server.gates.result import Event, Report


def run_and_show(
    *,
    only: Collection[str] = (),
    changed: bool = False,
    no_cache: bool = False,
    run_id: str | None = None,
) -> "Report":
    """Run the gates, or read a finished run, show it to people and return it. Raises KitError."""
    workspace = Workspace.open()
    live = _Live()
    arguments: dict[str, Any] = {"only": only, "changed": changed, "no_cache": no_cache, "run_id": run_id}
    try:
        report = asyncio.run(_run(workspace, live, arguments))
    finally:
        live.close()
    if report.passed and all(result.cached for result in report.results):
        _show_unchanged(report)
    else:
        from rich.console import Console

        from mcp_server.gates.report import people

        people.show(report, Console())
    return report


async def _run(workspace: Workspace, live: "_Live", arguments: dict[str, Any]) -> "Report":
    await journal.recover(workspace)
    child = WarmChild(workspace)
    try:
        return await gate_report(Context(workspace, child), on_event=live, **arguments)
    finally:
        await child.close()


def _show_unchanged(report: "Report") -> None:
    width = max(len(result.gate) for result in report.results)
    lines = [f"✓  {result.gate:<{width}}  cached  {result.summary}" for result in report.results]
    lines.append(f"\npassed: {len(report.results)} passed in {report.seconds:.1f} s (nothing has changed)\n")
    sys.stdout.write("\n".join(lines))


class _Live:
    """The live table, from the first gate that really runs."""

    def __init__(self) -> None:
        self._table: LiveTable | None = None
        self._before: list[Event] = []

    def __call__(self, event: "Event") -> None:
        if self._table is None:
            if event.kind != "started":
                self._before.append(event)
                return
            self._open()
        if self._table is not None:
            self._table(event)

    def close(self) -> None:
        if self._table is not None:
            self._table.__exit__(None, None, None)

    def _open(self) -> None:
        from rich.console import Console

        from mcp_server.gates.report.people import LiveTable

        self._table = LiveTable(Console()).__enter__()
        for event in self._before:
            self._table(event)
