"""The service's tests on embedded SQLite, with the coverage they reach."""

from mcp_server.gates.gate import Gate, GateContext, Outcome
from mcp_server.gates.result import passed
from mcp_server.gates.tools.pytest_suite import run_suite
from mcp_server.gates.tools.service_tests import FOLDER, INPUTS, LIMIT, SECONDS, paths_to_run

REQUIRED = 95.0
"""Percent of lines and branches of the service that its tests must run."""


async def run(context: GateContext) -> Outcome:
    """Run the suite; coverage is only judged for all of it."""
    paths = paths_to_run(context)
    if not paths:
        return passed("no test depends on what changed")
    cover = ",".join(context.workspace.layout.roots) if paths == (FOLDER,) else ""
    return await run_suite(context, paths, seconds=SECONDS, cover=cover, required=REQUIRED)


gate = Gate(
    id="tests",
    group="backend",
    title="Tests and coverage",
    inputs=INPUTS,
    run=run,
    weight=6,
    rank=60,
    limit=LIMIT,
    tools=("*",),
)
