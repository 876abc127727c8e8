"""How a command ends: facts on standard output, problems on standard error, and an exit code that says which."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NoReturn

import typer

if TYPE_CHECKING:
    from mcp_server.workspace.errors import KitError

FINDINGS = 1
REFUSED = 3
"""Exit code: it ran, and found something. 0 is success, 2 wrong usage or input, 3 refused as unsafe."""

Show = Callable[[Mapping[str, Any]], None]


def answer(facts: Mapping[str, Any], *, as_json: bool, show: Show) -> None:
    """Write facts for a program or for people."""
    if as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    else:
        show(facts)


def fail(error: "KitError", *, as_json: bool) -> NoReturn:
    """Write every problem and end with the error's exit code."""
    write_problems(error, as_json=as_json)
    raise typer.Exit(error.exit_code)


def write_problems(error: "KitError", *, as_json: bool) -> None:
    """Every problem with code, place, reason and way out: for people, and for a program where it asked."""
    if as_json:
        problems = [asdict(problem) for problem in error.problems]
        typer.echo(json.dumps({"problems": problems}, indent=2, ensure_ascii=False))
    for problem in error.problems:
        typer.echo(f"{problem.code} at {problem.place}: {problem.reason}", err=True)
        typer.echo(f"    {problem.hint}", err=True)


def lines(facts: Mapping[str, Any]) -> None:
    """The plainest view: one fact a line, lists and maps below their name."""
    for name, value in facts.items():
        label = name.replace("_", " ")
        if isinstance(value, Mapping):
            typer.echo(f"{label}:")
            for key, inner in value.items():
                typer.echo(f"  {key:<22} {_short(inner)}")
        elif isinstance(value, list):
            typer.echo(f"{label}:")
            for inner in value:
                typer.echo(f"  {_short(inner)}")
        else:
            typer.echo(f"{label:<10} {_short(value)}")


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return "  ".join(f"{key} {_short(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_short(inner) for inner in value)
    return str(value)
