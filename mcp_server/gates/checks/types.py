"""The types hold: mypy, strict, over what pyproject.toml lists."""

import json
import os

from mcp_server.gates.gate import Finding, Gate, GateContext, Outcome
from mcp_server.gates.result import error, failed, passed
from mcp_server.gates.tools.command import output_of, run_tool

_DOCS = "https://mypy.readthedocs.io/en/stable/_refs.html#code-"
_COMMAND = ("mypy", "--strict", "--output", "json", "--no-color-output")
_CRASHED = "INTERNAL ERROR"
_NOTHING = "There are no .py[i] files"


async def run(context: GateContext) -> Outcome:
    """Type-check with mypy's own incremental cache, which makes a second run twenty times faster."""
    done = await run_tool(context, *_COMMAND, seconds=300)
    # Two runs at once can tear the cache; that says nothing of the code.
    if _CRASHED in done.stderr + done.stdout:
        done = await run_tool(context, *_COMMAND, "--cache-dir", os.devnull, seconds=300)
    log = output_of(done)
    if _NOTHING in done.stderr + done.stdout:
        finding = Finding(
            "pyproject.toml", 0, "no-files", "mypy found no file to check", fix="Check tool.mypy.files."
        )
        return failed("nothing was checked", (finding,), log)
    findings = parse(done.stdout)
    if findings:
        files = len({finding.file for finding in findings})
        return failed(f"{len(findings)} type errors in {files} files", findings, log)
    if done.exit_code != 0:
        return error(
            f"mypy stopped with exit code {done.exit_code}: {_last_line(done.stdout + done.stderr)}", log
        )
    return passed("strict, no errors", log)


def parse(output: str) -> tuple[Finding, ...]:
    """Read mypy's JSON lines; a note explains the error above it."""
    findings = []
    for line in output.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # a crash or usage text between the lines; the exit code decides then
        if isinstance(entry, dict) and entry.get("severity") == "error":
            code = entry["code"] or "mypy"
            findings.append(
                Finding(
                    file=str(entry["file"]),
                    line=max(int(entry["line"]), 0),
                    rule=str(code),
                    message=str(entry["message"]),
                    why=f"{_DOCS}{code}",
                    fix=" ".join(str(entry["hint"] or "").split()),
                )
            )
    return tuple(findings)


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:300] if lines else "no output"


gate = Gate(
    id="types",
    group="backend",
    title="Types",
    inputs=("**/*.py", "**/*.pyi", "pyproject.toml", "**/mypy.ini", "**/py.typed"),
    run=run,
    weight=8,
    rank=30,
    tools=("*",),
)
