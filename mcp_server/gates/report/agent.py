"""The report for an agent: the few facts it needs to mend what failed, never longer than a fixed size."""

import json
from typing import Any

from mcp_server.gates.gate import Finding
from mcp_server.gates.result import GateResult, Report

LIMIT = 7_000
"""Characters of compact JSON (about 1,750 tokens): the answer around it has to fit into 2,000 tokens too."""

_TEXT = {"file": 200, "rule": 200, "message": 300, "why": 200, "fix": 200}
_HEADS = ((40, 200), (40, 60), (20, 30), (10, 0))
"""How many gates are named with how long a summary, from the fullest form to the one that always fits."""

_ROOM = 600
"""Characters kept free for findings."""


def for_agent(report: Report, limit: int = LIMIT) -> dict[str, Any]:
    """Return verdict, counts and the first findings; what does not fit is counted, with where to read it.

    Gates that passed are only counted. Every gate that did not pass is named; its findings follow in rounds, one of
    each gate at a time, so that a gate with ten thousand findings hides no other. The result, as compact JSON, has at
    most `limit` characters (not below 2,000).
    """
    answer: dict[str, Any] = {
        "verdict": report.verdict,
        "run": report.run,
        "seconds": report.seconds,
        "counts": report.counts,
        "cached": sum(result.cached for result in report.results),
    }
    if report.edited:
        answer["warning"] = "files changed while the gates ran; run them again"
    if report.scope is not None:
        answer["scope"] = f"only what depends on {len(report.scope)} changed files"
    limit = max(limit, 2_000)
    red = [result for result in report.results if result.status in {"failed", "error"}]
    absent = [result for result in report.results if result.status == "not_run"]
    for named, length in _HEADS:
        head = _head(red[:named], absent[:named], length)
        if size({**answer, **head}) <= limit - _ROOM:
            break
    answer.update(head)
    if red:
        _add_findings(answer, red, limit)
    return answer


def size(answer: dict[str, Any]) -> int:
    """Return the length of an answer as compact JSON in characters, escapes included."""
    return len(json.dumps(answer, separators=(",", ":")))


def _head(red: list[GateResult], absent: list[GateResult], length: int) -> dict[str, Any]:
    """Name the gates that did not pass; without room for summaries (`length` 0) just their ids."""
    head: dict[str, Any] = {}
    if absent:
        head["not_run"] = {result.gate: _cut(result.summary, length) for result in absent}
    if red:
        head["red"] = [_gate(result, length) for result in red]
    return head


def _gate(result: GateResult, length: int) -> dict[str, Any]:
    entry = {"gate": result.gate, "status": result.status}
    if length:
        entry["summary"] = _cut(result.summary, length)
        if result.log:
            entry["log"] = result.log
    return entry


def _add_findings(answer: dict[str, Any], red: list[GateResult], limit: int) -> None:
    total = sum(len(result.findings) for result in red)
    answer["findings"] = findings = []
    answer["more"] = f"{total} more findings; see the logs"  # reserves its own room
    room = limit - size(answer)
    explained: set[str] = set()
    for gate, finding in _in_rounds(red):
        entry = _finding(gate, finding, explained=finding.rule in explained)
        cost = size(entry) + 1
        if cost > room:
            break
        room -= cost
        explained.add(finding.rule)
        findings.append(entry)
    left = total - len(findings)
    if left:
        answer["more"] = f"{left} more findings; see the logs"
    else:
        del answer["more"]
    if not findings:
        del answer["findings"]


def _in_rounds(red: list[GateResult]) -> list[tuple[str, Finding]]:
    """Take the first finding of each gate, then the second of each, as many as could ever be shown."""
    longest = max((len(result.findings) for result in red), default=0)
    return [
        (result.gate, result.findings[index])
        for index in range(min(longest, 200))
        for result in red
        if index < len(result.findings)
    ]


def _finding(gate: str, finding: Finding, *, explained: bool) -> dict[str, Any]:
    """Shorten a finding; why and fix are told once per rule."""
    entry: dict[str, Any] = {"gate": gate, "file": _cut(finding.file, _TEXT["file"])}
    if finding.line:
        entry["line"] = finding.line
    for name in ("rule", "message") if explained else ("rule", "message", "why", "fix"):
        if text := getattr(finding, name):
            entry[name] = _cut(text, _TEXT[name])
    return entry


def _cut(text: str, length: int) -> str:
    flat = " ".join(text.split())
    if not length:
        return ""
    return flat if len(flat) <= length else f"{flat[: length - 1]}…"
