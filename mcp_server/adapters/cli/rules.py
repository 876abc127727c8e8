"""`kit rules ...`."""

import asyncio
from collections.abc import Mapping
from typing import Any

import typer

from mcp_server.adapters.cli.answers import FINDINGS, answer, fail
from mcp_server.adapters.cli.options import Json
from mcp_server.workspace.errors import KitError


def sync(as_json: Json = False) -> None:
    """Publish rules/*.md for Claude Code, Cursor and Copilot, and the plan from PRPs/*/prp.md."""
    from mcp_server.operations.publishing import publish_all
    from mcp_server.workspace.workspace import Workspace

    try:
        change_set = asyncio.run(publish_all(Workspace.open()))
    except KitError as error:
        fail(error, as_json=as_json)
    written = [change.path for change in change_set.changes if change.after is not None]
    deleted = [change.path for change in change_set.changes if change.after is None]
    answer({"written": written, "deleted": deleted}, as_json=as_json, show=_published)


def check(as_json: Json = False) -> None:
    """Say what is wrong with rules, PRPs and plan; exit code 1 if anything is. Writes nothing."""
    from mcp_server.operations.publishing import problems_of
    from mcp_server.workspace.workspace import Workspace

    try:
        problems = problems_of(Workspace.open())
    except KitError as error:
        fail(error, as_json=as_json)
    answer({"problems": [str(problem) for problem in problems]}, as_json=as_json, show=_checked)
    if problems:
        raise typer.Exit(FINDINGS)


def _published(facts: Mapping[str, Any]) -> None:
    for name, paths in facts.items():
        for path in paths:
            typer.echo(f"{name:<8} {path}")
    if not any(facts.values()):
        typer.echo("everything is published already")


def _checked(facts: Mapping[str, Any]) -> None:
    for problem in facts["problems"]:
        typer.echo(problem)
    if not facts["problems"]:
        typer.echo("rules, PRPs and plan are in order")
