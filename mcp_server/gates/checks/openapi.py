"""The service imports, and its OpenAPI document is valid and says what clients need to know."""

import hashlib
from collections.abc import Mapping

from mcp_server.gates.gate import Finding, Gate, GateContext, Outcome
from mcp_server.gates.result import failed, passed
from mcp_server.gates.tools.child_failure import of_child_failure
from mcp_server.gates.tools.openapi_rules import judge, operations
from mcp_server.workspace.child import ChildFailed
from mcp_server.workspace.workspace import Workspace


async def run(context: GateContext) -> Outcome:
    """Build the app in the child and judge its document; an app that does not build is a finding at its place."""
    try:
        answer = await context.child.call(
            "mcp_server.gates.tools.openapi_document:read_document", root=str(context.workspace.root)
        )
    except ChildFailed as problem:
        return of_child_failure(problem)
    document = answer["document"]
    findings = [
        Finding("app", 0, "OPENAPI001", f"{place}: {message}", "The document is not valid OpenAPI 3.1.")
        for place, message in answer["invalid"]
    ]
    findings += judge(document, answer["locations"])
    count = len(list(operations(document)))
    if not count:
        findings.append(Finding("app/main.py", 0, "OPENAPI007", "the service has no operation"))
    if findings:
        log = "".join(f"{item.file}:{item.line}: {item.rule} {item.message}\n" for item in findings)
        return failed(f"{len(findings)} gaps in {count} operations", tuple(findings), log)
    return passed(f"{count} operations, each with id, model and errors")


def facts(workspace: Workspace) -> Mapping[str, str]:
    """Name the settings file that git ignores: the app reads it while it is built."""
    content = workspace.read(".env")
    return {".env": hashlib.sha256(content).hexdigest() if content is not None else ""}


gate = Gate(
    id="openapi",
    group="api",
    title="OpenAPI",
    inputs=("app/**", "pyproject.toml"),
    run=run,
    weight=1,
    rank=50,
    tools=("*",),
    facts=facts,
)
