"""What people, agents and CI are shown."""

import io
import json
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from mcp_server.gates.gate import Finding, Status
from mcp_server.gates.report.agent import LIMIT, for_agent, size
from mcp_server.gates.report.junit import to_junit
from mcp_server.gates.report.people import LiveTable, show
from mcp_server.gates.report.sarif import to_sarif
from mcp_server.gates.result import Event, GateResult, Report


def result(
    gate: str, status: Status, *findings: Finding, summary: str = "so it is", log: str = ""
) -> GateResult:
    return GateResult(gate, "backend", gate.title(), status, summary, 1.25, False, findings, log)


def report(*results: GateResult, edited: bool = False) -> Report:
    return Report(
        "20261121-061500-abcdef",
        "2026-11-21T06:15:00+00:00",
        2.5,
        "0123456789ab",
        edited,
        ".kit/x",
        None,
        results,
    )


def finding(number: int = 1, text: str = "wrong", rule: str = "R1") -> Finding:
    return Finding(f"app/x{number}.py", number, rule, text, why="Because.", fix="Mend it.")


MIXED = report(
    result("lint", "failed", finding(1), finding(2), log=".kit/scratch/gates/run/lint.log"),
    result("types", "error", summary="mypy is not installed"),
    result("tests-postgresql", "not_run", summary="no server"),
    result("format", "passed"),
)


def test_an_agent_gets_the_facts_it_needs() -> None:
    assert for_agent(MIXED) == {
        "verdict": "failed",
        "run": "20261121-061500-abcdef",
        "seconds": 2.5,
        "counts": {"failed": 1, "error": 1, "not_run": 1, "passed": 1},
        "cached": 0,
        "not_run": {"tests-postgresql": "no server"},
        "red": [
            {
                "gate": "lint",
                "status": "failed",
                "summary": "so it is",
                "log": ".kit/scratch/gates/run/lint.log",
            },
            {"gate": "types", "status": "error", "summary": "mypy is not installed"},
        ],
        "findings": [
            {
                "gate": "lint",
                "file": "app/x1.py",
                "line": 1,
                "rule": "R1",
                "message": "wrong",
                "why": "Because.",
                "fix": "Mend it.",
            },
            {"gate": "lint", "file": "app/x2.py", "line": 2, "rule": "R1", "message": "wrong"},
        ],
    }


def test_a_green_run_is_a_short_answer() -> None:
    assert size(for_agent(report(result("lint", "passed"), result("types", "passed")))) < 150


@pytest.mark.parametrize("text", ["wrong", "word " * 2_000, "ü" * 5_000, "\n" * 400 + '"\\' * 300])
@pytest.mark.parametrize("limit", [LIMIT, 2_000])
def test_an_agent_never_gets_more_than_the_limit(text: str, limit: int) -> None:
    many = tuple(finding(number, text, rule=f"R{number}") for number in range(10_000))
    few = finding(1, text, rule=text)
    red = report(
        result("types", "failed", *many, summary=text),
        result("tests", "failed", few, summary=text),
        edited=True,
    )
    answer = for_agent(red, limit)
    assert size(answer) <= limit
    shown = answer.get("findings", [])
    assert answer["more"] == f"{10_001 - len(shown)} more findings; see the logs"


@pytest.mark.parametrize("limit", [LIMIT, 2_000])
def test_many_red_gates_fit_too(limit: int) -> None:
    gates = [
        result(
            f"a-gate-with-a-long-name-{number}",
            "failed",
            finding(1, "ü" * 500),
            summary="ü" * 500,
            log="x" * 80,
        )
        for number in range(60)
    ]
    absent = [result(f"an-absent-gate-{number}", "not_run", summary="ü" * 500) for number in range(60)]
    answer = for_agent(report(*gates, *absent), limit)
    assert size(answer) <= limit
    assert answer["counts"] == {"failed": 60, "not_run": 60}
    assert answer["red"][0]["gate"] == "a-gate-with-a-long-name-0"


def test_many_findings_of_one_gate_hide_no_other_gate() -> None:
    red = report(
        result("types", "failed", *(finding(number) for number in range(10_000))),
        result("tests", "failed", finding(1, "the cause")),
    )
    answer = for_agent(red)
    assert [entry["gate"] for entry in answer["findings"][:3]] == ["types", "tests", "types"]
    assert 20 < len(answer["findings"]) < 200


def test_an_agent_is_warned_of_edits_and_told_the_scope() -> None:
    answer = for_agent(report(result("lint", "passed"), edited=True))
    assert answer["warning"] == "files changed while the gates ran; run them again"


def _shown(of: Report, *, terminal: bool = False) -> str:
    console = Console(file=io.StringIO(), width=100, force_terminal=terminal, color_system=None)
    show(of, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_people_see_the_failing_lines() -> None:
    text = _shown(MIXED)
    assert "✗  lint" in text
    assert "-  tests-postgresql  1.2 s  no server" in " ".join(text.split("\n")).replace("   ", "  ")
    assert "  app/x1.py:1 R1  wrong\n      fix: Mend it.\n" in text
    assert "full output: .kit/scratch/gates/run/lint.log" in text
    assert text.rstrip().endswith("failed: 1 could not run, 1 failed, 1 not run, 1 passed in 2.5 s")


def test_what_tools_print_is_not_taken_for_markup() -> None:
    text = _shown(
        report(result("lint", "failed", finding(1, "list[int] [bold]x[/bold] [/]"), summary="[red]"))
    )
    assert "list[int] [bold]x[/bold] [/]" in text
    assert "lint: [red]" in text


def test_people_see_a_dozen_lines_per_gate() -> None:
    text = _shown(report(result("types", "failed", *(finding(number) for number in range(100)))))
    assert "app/x11.py:11" in text
    assert "app/x12.py" not in text
    assert "  88 more\n" in text


def test_without_a_terminal_every_gate_is_one_plain_line() -> None:
    console = Console(file=io.StringIO(), width=40)
    with LiveTable(console) as live:
        live(Event("started", "lint", 0, 2))
        live(Event("finished", "lint", 1, 2, result("lint", "passed", summary="[x] " + "long " * 20)))
        live(Event("finished", "types", 2, 2, result("types", "error", summary="missing")))
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().splitlines() == [
        f"[1/2] ✓ lint 1.2 s: [x] {'long ' * 20}".rstrip() + " ",
        "[2/2] ! types 1.2 s: missing",
    ]


def test_on_a_terminal_the_table_lives_and_goes() -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    with LiveTable(console) as live:
        live(Event("started", "lint", 0, 3))
        live(Event("finished", "types", 1, 3, result("types", "passed")))
    assert isinstance(console.file, io.StringIO)
    written = console.file.getvalue()
    assert "running" in written
    assert "1 waiting" in written
    assert "types" in written


def test_junit_says_the_same() -> None:
    hostile = report(*MIXED.results, result("odd", "failed", finding(1, "<&\"'\x00\x1b[31m")))
    suite = ET.fromstring(to_junit(hostile)).find("testsuite")  # noqa: S314 - written above
    assert suite is not None
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5",
        "failures": "2",
        "errors": "1",
        "skipped": "1",
    }
    lint, types, postgresql, formatted, odd = suite.findall("testcase")
    assert lint.findtext("failure") == "app/x1.py:1: R1 wrong (Mend it.)\napp/x2.py:2: R1 wrong (Mend it.)"
    assert types.find("error") is not None
    assert postgresql.find("skipped") is not None
    assert list(formatted) == []
    assert "<&\"'" in (odd.findtext("failure") or "")


def test_sarif_points_at_the_lines() -> None:
    (run,) = to_sarif(MIXED)["runs"]
    assert json.loads(json.dumps(run)) == run
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["lint/R1"]
    assert run["results"][0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "app/x1.py"},
        "region": {"startLine": 1},
    }
    assert run["invocations"][0]["executionSuccessful"] is False
    assert (
        to_sarif(report(result("lint", "passed")))["runs"][0]["invocations"][0]["executionSuccessful"] is True
    )
