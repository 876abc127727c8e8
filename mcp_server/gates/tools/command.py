"""Runs a Python tool in the workspace's own interpreter, in an environment that is the same for everybody."""

import os
from collections.abc import Mapping

from mcp_server.gates.gate import GateContext
from mcp_server.workspace.errors import KitError, Problem
from mcp_server.workspace.process import Completed, run

_KEPT = (
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LANG", "LC_ALL", "TZ", "VIRTUAL_ENV",
    "SSL_CERT_FILE", "LD_LIBRARY_PATH",
)  # fmt: skip
"""What a tool may see of the caller's environment: not its DATABASE_URL, not its PYTEST_ADDOPTS."""


async def run_tool(
    context: GateContext, module: str, *arguments: str, seconds: float, env: Mapping[str, str] | None = None
) -> Completed:
    """Run `python -m module arguments` at the root of the workspace; `module:function` calls that function instead.

    `seconds` is the time limit. Raises KitError GATE010 when the tool is not installed, GATE011 when it did not finish.
    """
    python = context.workspace.python
    name, _, function = module.partition(":")
    start = ["-c", f"from {name} import {function} as main; main()"] if function else ["-m", name]
    done = await run(
        [python, *start, *arguments],
        cwd=context.workspace.root,
        timeout=seconds,
        env={**clean_environment(), **(env or {})},
        inherit=False,
    )
    if done.timed_out:
        raise KitError(
            Problem(
                "GATE011",
                module,
                f"did not finish within {seconds:g} s",
                "Run it by hand to see what it waits for.",
            )
        )
    top = name.partition(".")[0]
    if done.exit_code != 0 and f"No module named {top}" in done.stderr.replace("'", ""):
        raise KitError(
            Problem(
                "GATE010",
                module,
                f"is not installed for {python}",
                "Run `make setup` to install the locked tools.",
            )
        )
    return done


def clean_environment() -> dict[str, str]:
    """Return the part of this process's environment that tools get, plus what makes their output stable."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "COLUMNS": "200", "NO_COLOR": "1", "PYTHONUTF8": "1", "PYTHONSAFEPATH": ""}


def output_of(done: Completed) -> str:
    """Return both streams of a finished tool as one log, the command's exit code first."""
    parts = [
        f"exit code {done.exit_code} after {done.seconds:.2f} s",
        done.stdout.strip(),
        done.stderr.strip(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
