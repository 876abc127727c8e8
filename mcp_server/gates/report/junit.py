"""The report as JUnit XML, which every CI system shows: one test case per gate."""

import re
from xml.sax.saxutils import escape, quoteattr

from mcp_server.gates.result import GateResult, Report

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(report: Report) -> str:
    """Return the XML document."""
    counts = report.counts
    attributes = (
        f'name="kit gates" tests="{len(report.results)}" failures="{counts.get("failed", 0)}" '
        f'errors="{counts.get("error", 0)}" skipped="{counts.get("not_run", 0)}" time="{report.seconds:.3f}" '
        f"timestamp={quoteattr(report.started)}"
    )
    cases = "".join(_case(result) for result in report.results)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n<testsuite {attributes}>\n{cases}</testsuite>\n</testsuites>\n'


def _case(result: GateResult) -> str:
    head = (
        f'<testcase classname="kit.{result.group}" name={quoteattr(result.gate)} time="{result.seconds:.3f}"'
    )
    kind = {"failed": "failure", "error": "error", "not_run": "skipped"}.get(result.status)
    if kind is None:
        return f"{head}/>\n"
    lines = "\n".join(
        f"{item.file}:{item.line}: {item.rule} {item.message}" + (f" ({item.fix})" if item.fix else "")
        for item in result.findings
    )
    body = escape(_clean(lines or result.summary))
    return f"{head}><{kind} message={quoteattr(_clean(result.summary))}>{body}</{kind}></testcase>\n"


def _clean(text: str) -> str:
    """Drop the characters that XML 1.0 cannot carry."""
    return _UNPRINTABLE.sub("�", text)
