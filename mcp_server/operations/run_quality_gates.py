"""`run_quality_gates`: every check of the workspace, answered with the few facts that are needed to mend it."""

from typing import TYPE_CHECKING, Any

from pydantic import Field

from mcp_server.operations.context import Context
from mcp_server.operations.gate_runs import gate_report
from mcp_server.operations.operation import Operation
from mcp_server.operations.result import Request, Result

if TYPE_CHECKING:
    from mcp_server.gates.result import Event, Report

_LIMIT = 5000
"""Characters of the report inside the answer."""
_NEXT = "Mend what is red and run again: what is unchanged answers from the cache"


class GatesRequest(Request):
    only: list[str] = Field([], description="Gate ids or groups")
    changed: bool = Field(False, description="Only what uncommitted changes affect")
    no_cache: bool = Field(False, description="Also run what is unchanged")
    run_id: str | None = Field(None, description="Show this finished run instead")


class GatesResult(Result):
    """The compact report; see `gates.report.agent` for its parts."""

    verdict: str
    run: str
    seconds: float
    counts: dict[str, int] = {}
    cached: int = 0
    warning: str = ""
    scope: str = ""
    not_run: dict[str, str] = {}
    red: list[dict[str, str]] = []
    findings: list[dict[str, Any]] = []
    more: str = ""
    next: str = ""


async def _run(context: Context, request: GatesRequest) -> GatesResult:
    async def report(event: "Event") -> None:
        await context.report_progress(event.done, event.total, _line(event))

    return _result(
        await gate_report(
            context,
            only=request.only,
            changed=request.changed,
            no_cache=request.no_cache,
            run_id=request.run_id,
            on_event=report,
        )
    )


def _line(event: "Event") -> str:
    if event.result is None:
        return f"{event.gate}: running"
    how = "unchanged" if event.result.cached else f"{event.result.seconds:.1f} s"
    return f"{event.gate}: {event.result.status} ({how})"


def _result(report: "Report") -> GatesResult:
    from mcp_server.gates.report.agent import for_agent

    answer = for_agent(report, _LIMIT)
    answer["seconds"] = round(report.seconds, 2)
    return GatesResult(**answer, next="" if report.passed else _NEXT)


run_quality_gates = Operation(
    name="run_quality_gates",
    title="Run the quality gates",
    description=(
        "Proves the tree: format, lint, types, architecture, tests, migrations; parallel, cached by content. Verdict and "
        "first findings (file, line, rule, why, fix); logs stay on disk. Reports progress."
    ),
    request=GatesRequest,
    result=GatesResult,
    run=_run,
    reads_only=True,
    idempotent=True,
)
