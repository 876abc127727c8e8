"""What the gate `fuzz` makes of the report that the program of the service's tests writes."""

from typing import Any

import pytest

from mcp_server.gates.checks.fuzz import PROGRAM, REQUIRED, judge
from mcp_server.gates.registry import gates_of
from tests.mcp_server.gates.project import Project

LOCATIONS = {"get /things": ("app/api/v1/things.py", 12)}
FOUND: dict[str, Any] = {
    "operation": "GET /things",
    "check": "not_a_server_error",
    "message": "Server error: boom",
    "status": 500,
    "caller": "a user",
    "reproduction": "curl http://testserver/things?a=1",
}


def report(**changes: Any) -> dict[str, Any]:
    return {"cases": REQUIRED, "operations": 3, "findings": [], "errors": [], **changes}


def test_no_finding_is_a_pass() -> None:
    outcome = judge(report(), LOCATIONS, "")
    assert (outcome.status, outcome.findings) == ("passed", ())


def test_each_check_is_named_once_per_operation_at_its_endpoint() -> None:
    again = {**FOUND, "reproduction": "curl http://testserver/things?a=2"}
    elsewhere = {**FOUND, "operation": "GET /others"}
    outcome = judge(report(findings=[FOUND, again, elsewhere]), LOCATIONS, "log")
    assert outcome.status == "failed"
    first, second = outcome.findings
    assert (first.file, first.line, first.rule) == ("app/api/v1/things.py", 12, "not_a_server_error")
    assert first.message == "GET /things as a user answered 500: Server error: boom"
    assert first.fix == FOUND["reproduction"]
    assert (second.file, second.line) == ("app/main.py", 0)
    assert again["reproduction"] in outcome.log


def test_too_few_requests_are_no_pass() -> None:
    outcome = judge(report(cases=REQUIRED - 1), LOCATIONS, "")
    assert [(finding.file, finding.rule) for finding in outcome.findings] == [(PROGRAM, "too-few")]


def test_a_request_that_could_not_be_made_is_an_error() -> None:
    outcome = judge(report(errors=["GET /things as a user: no strategy"]), LOCATIONS, "")
    assert outcome.status == "error"
    assert "no strategy" in outcome.summary


@pytest.mark.parametrize("program", ["raise SystemExit('no database')\n", "import nothing_of_that_name\n"])
async def test_a_program_without_a_report_is_an_error(program: str, project: Project) -> None:
    project.write(PROGRAM, program)
    result = await project.result("fuzz")
    assert result.status == "error"
    assert "wrote no report" in result.summary


def test_the_gate_is_there_where_the_program_is(project: Project) -> None:
    assert "fuzz" not in [gate.id for gate in gates_of(project.workspace)]
    project.write(PROGRAM, "")
    assert "fuzz" in [gate.id for gate in gates_of(project.workspace)]
