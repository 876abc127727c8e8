"""The report as SARIF 2.1.0, which code hosts show beside the lines."""

from typing import Any

from mcp_server.gates.gate import Finding
from mcp_server.gates.result import Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def to_sarif(report: Report) -> dict[str, Any]:
    """Return the document as JSON data; a gate that could not work is a notification, as it points at no line."""
    rules: dict[str, dict[str, Any]] = {}
    results = []
    for result in report.results:
        for finding in result.findings:
            identifier = f"{result.gate}/{finding.rule}"
            rules.setdefault(identifier, _rule(identifier, finding))
            results.append(_result(identifier, finding))
    broken = [
        {"level": "error", "message": {"text": f"{result.gate}: {result.summary}"}}
        for result in report.results
        if result.status == "error"
    ]
    run = {
        "tool": {"driver": {"name": "kit gates", "rules": list(rules.values())}},
        "invocations": [{"executionSuccessful": not broken, "toolExecutionNotifications": broken}],
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(identifier: str, finding: Finding) -> dict[str, Any]:
    texts = {"fullDescription": finding.why, "help": finding.fix}
    return {"id": identifier, **{name: {"text": text} for name, text in texts.items() if text}}


def _result(identifier: str, finding: Finding) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": finding.file}}
    if finding.line:
        place["region"] = {"startLine": finding.line}
    return {
        "ruleId": identifier,
        "level": "error",
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": place}],
    }
