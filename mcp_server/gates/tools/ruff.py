"""Ruff's JSON, which linter and formatter share, as findings."""

import json
from pathlib import Path

from mcp_server.gates.gate import Finding, GateContext, Outcome
from mcp_server.gates.result import error, failed, passed
from mcp_server.gates.tools.command import output_of, run_tool

INPUTS = ("**/*.py", "**/*.pyi", "pyproject.toml", "**/ruff.toml", "**/.ruff.toml", "**/.gitignore")

_EXPLAINED = {
    "unformatted": ("One formatter keeps diffs about meaning.", "Run `make format`."),
    "invalid-syntax": ("The file is not Python, so nothing else about it can be judged.", ""),
}


async def run_ruff(context: GateContext, *arguments: str) -> Outcome:
    """Run a ruff command over the whole workspace and turn what it prints into an outcome."""
    looked_at = await run_tool(context, "ruff", "check", "--show-files", ".", seconds=60)
    count = sum(line.endswith((".py", ".pyi")) for line in looked_at.stdout.splitlines())
    done = await run_tool(context, "ruff", *arguments, "--output-format", "json", ".", seconds=120)
    log = output_of(done)
    try:
        findings = parse(done.stdout, context.workspace.root)
    except (ValueError, KeyError, TypeError):
        return error(f"ruff did not answer (exit code {done.exit_code}): {done.stderr.strip()[:300]}", log)
    if findings:
        files = len({finding.file for finding in findings})
        return failed(f"{len(findings)} findings in {files} files", findings, log)
    if done.exit_code != 0 or looked_at.exit_code != 0:
        return error(f"ruff stopped with exit code {done.exit_code}: {done.stderr.strip()[:300]}", log)
    if not count:
        finding = Finding(
            ".", 0, "no-files", "ruff found no Python file to look at", fix="Check exclude in pyproject."
        )
        return failed("nothing was checked", (finding,), log)
    return passed(f"{count} files clean", log)


def parse(output: str, root: Path) -> tuple[Finding, ...]:
    """Read ruff's JSON. Raises ValueError or KeyError for anything else."""
    return tuple(_finding(entry, root) for entry in json.loads(output))


def _finding(entry: dict[str, object], root: Path) -> Finding:
    location = entry["location"]
    fix = entry.get("fix")
    rule = str(entry.get("code") or entry["name"])
    why, how = _EXPLAINED.get(rule, (str(entry.get("url") or ""), ""))
    if not how and isinstance(fix, dict):
        how = str(fix.get("message") or "")
    path = Path(str(entry["filename"]))
    return Finding(
        file=path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix(),
        line=int(location["row"]) if isinstance(location, dict) else 0,
        rule=rule,
        message=str(entry["message"]),
        why=why,
        fix=how,
    )
