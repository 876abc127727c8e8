"""Random and derived requests at every route, judged by the OpenAPI document (schemathesis)."""

import json
from collections.abc import Mapping
from typing import Any

from mcp_server.gates.gate import Finding, Gate, GateContext, Outcome
from mcp_server.gates.result import error, failed, passed
from mcp_server.gates.tools.child_failure import of_child_failure
from mcp_server.gates.tools.command import output_of, run_tool
from mcp_server.gates.tools.openapi_rules import Locations
from mcp_server.gates.tools.service_tests import INPUTS
from mcp_server.workspace.child import ChildFailed
from mcp_server.workspace.workspace import Workspace

PROGRAM = "tests/app/fuzz.py"
REQUIRED = 2000
"""Requests that a run has to make: fewer mean that most of the document was not looked at."""


async def run(context: GateContext) -> Outcome:
    """Run the program of the service's tests; an app that does not build is a finding at its place."""
    try:
        described = await context.child.call(
            "mcp_server.gates.tools.openapi_document:read_document", root=str(context.workspace.root)
        )
    except ChildFailed as problem:
        return of_child_failure(problem)
    target = context.folder / "report.json"
    done = await run_tool(context, "tests.app.fuzz", str(target), seconds=540)
    log = output_of(done)
    try:
        report = json.loads(target.read_bytes())
    except (OSError, ValueError):
        return error(f"{PROGRAM} wrote no report: {' '.join(done.stderr.split()[-40:])}", log)
    return judge(report, described["locations"], log)


def judge(report: Mapping[str, Any], locations: Locations, log: str) -> Outcome:
    """Name each check that failed at an operation once, with the first request that made it fail."""
    if report["errors"]:
        return error(f"{len(report['errors'])} requests could not be made: {report['errors'][0]}", log)
    first = {(item["operation"], item["check"]): item for item in reversed(report["findings"])}
    findings = [_finding(item, locations) for item in reversed(first.values())]
    tried = f"{report['cases']} requests at {report['operations']} operations"
    if findings:
        details = "".join(f"{json.dumps(item, indent=1)}\n" for item in report["findings"])
        return failed(f"{len(findings)} checks failed, {tried}", tuple(findings), log + details)
    if report["cases"] < REQUIRED:
        few = Finding(PROGRAM, 0, "too-few", f"only {tried}, {REQUIRED} needed", fix="Raise EXAMPLES.")
        return failed(f"only {tried}", (few,), log)
    return passed(f"{tried}, every answer as the document says", log)


def _finding(item: Mapping[str, Any], locations: Locations) -> Finding:
    method, _, path = item["operation"].partition(" ")
    file, line = locations.get(f"{method.lower()} {path}", ("app/main.py", 0))
    return Finding(
        file=file,
        line=line,
        rule=item["check"],
        message=f"{item['operation']} as {item['caller']} answered {item['status']}: {item['message']}",
        why="The document is what clients are built from: it must be true for whatever they send.",
        fix=item["reproduction"],
    )


def present(workspace: Workspace) -> bool:
    return workspace.read(PROGRAM) is not None


gate = Gate(
    id="fuzz",
    group="api",
    title="Schema fuzz",
    inputs=INPUTS,
    run=run,
    weight=15,
    rank=62,
    tools=("*",),
    present=present,
)
