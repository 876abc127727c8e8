"""Runs a part of the tests with pytest and judges it by its JUnit report, and by coverage where asked."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mcp_server.gates.gate import Finding, GateContext, Outcome
from mcp_server.gates.result import error, failed, passed
from mcp_server.gates.tools.command import output_of, run_tool
from mcp_server.gates.tools.coverage_json import Coverage, read_coverage, shortfalls
from mcp_server.gates.tools.junit_xml import TestCase, read_junit

# Only the plugins the tests use: loading every installed one costs half a second per start.
_PLUGINS = ("pytest_asyncio.plugin", "_hypothesis_pytestplugin")
_ENVIRONMENT = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
_REASONS_SHOWN = 3


async def run_suite(
    context: GateContext,
    paths: Sequence[str],
    *,
    seconds: float,
    cover: str = "",
    required: float = 90.0,
    env: Mapping[str, str] | None = None,
) -> Outcome:
    """Run the tests under `paths` and report each failure; skipped ones are named with their reason.

    `cover` names the package whose lines and branches must be covered to `required` percent, empty for no
    measurement. A run that collected or ran nothing has failed. `seconds` is the time limit.
    """
    report = context.folder / "junit.xml"
    data = context.folder / "coverage"
    arguments = [
        *(part for plugin in _PLUGINS for part in ("-p", plugin)),
        "--tb=short",
        "-o",
        "junit_family=xunit1",
        f"--junitxml={report}",
        *paths,
    ]
    if cover:
        # `coverage run` starts before pytest, so that what runs while modules are imported counts too.
        measured = ["run", f"--data-file={data}", "--branch", f"--source={cover}", "-m", "pytest", *arguments]
        done = await run_tool(
            context, "coverage", *measured, seconds=seconds, env={**_ENVIRONMENT, **(env or {})}
        )
    else:
        done = await run_tool(
            context, "pytest", *arguments, seconds=seconds, env={**_ENVIRONMENT, **(env or {})}
        )
    log = output_of(done)
    try:
        cases = read_junit(report, context.workspace.root)
    except (OSError, ValueError):
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        return error(
            f"pytest wrote no report (exit code {done.exit_code}): {' '.join(lines[-3:])[:400]}", log
        )
    outcome = judge(cases, done.exit_code, log, paths)
    if not cover or outcome.status != "passed":
        return outcome
    coverage = await _measure(context, data)
    if isinstance(coverage, Outcome):
        return coverage
    return judge_coverage(outcome, coverage, cover, required)


def judge(cases: Sequence[TestCase], exit_code: int, log: str, paths: Sequence[str]) -> Outcome:
    """Turn test cases and pytest's exit code into an outcome; where the two disagree, it is an error."""
    broken = [case for case in cases if case.outcome == "failed"]
    skipped = [case for case in cases if case.outcome == "skipped"]
    ran = sum(case.outcome == "passed" for case in cases)
    if broken:
        text = f"{len(broken)} of {len(cases)} tests failed{_reasons(skipped)}"
        return failed(text, tuple(_finding(case) for case in broken), log)
    if ran == 0:
        what = "only skipped tests" if skipped else "no test"
        finding = Finding(
            paths[0] if paths else "tests",
            0,
            "no-tests",
            f"{what} in {', '.join(paths)}",
            why="A run that executed nothing proves nothing.",
            fix="Restore the tests, or correct the path.",
        )
        return failed(f"nothing was tested{_reasons(skipped)}", (finding,), log)
    if exit_code != 0:
        return error(f"pytest ended with exit code {exit_code}, although no test failed", log)
    return passed(f"{ran} tests passed{_reasons(skipped)}", log)


def judge_coverage(outcome: Outcome, coverage: Coverage, package: str, required: float) -> Outcome:
    """Add the coverage to a passed run, or fail it."""
    summary = f"{outcome.summary}, {coverage.percent:.1f} % of {package} covered"
    if coverage.statements == 0:
        finding = Finding(
            package, 0, "coverage", "not one statement was measured", fix="Check that the package exists."
        )
        return failed(f"{outcome.summary}, nothing measured", (finding,), outcome.log)
    if coverage.percent < required:
        return failed(f"{summary}, {required:g} % needed", shortfalls(coverage, required), outcome.log)
    return passed(summary, outcome.log)


async def _measure(context: GateContext, data: Path) -> Coverage | Outcome:
    target = context.folder / "coverage.json"
    done = await run_tool(
        context, "coverage", "json", "-q", f"--data-file={data}", "-o", str(target), seconds=60
    )
    try:
        return read_coverage(target)
    except (OSError, ValueError, KeyError) as problem:
        return error(f"coverage could not be read: {problem}", output_of(done))


def _finding(case: TestCase) -> Finding:
    message = case.message or "failed without a message"
    return Finding(
        file=case.file,
        line=case.line,
        rule=case.id,
        message=f"{message} (raised at {case.raised_at})" if case.raised_at else message,
        fix=f".venv/bin/python -m pytest '{case.id}'",
    )


def _reasons(skipped: Sequence[TestCase]) -> str:
    if not skipped:
        return ""
    reasons = list(dict.fromkeys(case.message or "no reason given" for case in skipped))
    more = f" and {len(reasons) - _REASONS_SHOWN} more reasons" if len(reasons) > _REASONS_SHOWN else ""
    return f", {len(skipped)} skipped ({'; '.join(reasons[:_REASONS_SHOWN])}{more})"
