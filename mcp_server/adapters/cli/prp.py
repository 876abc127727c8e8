"""`kit prp ...` and `kit plan ...`."""

import typer

from mcp_server.adapters.cli.answers import FINDINGS, answer, fail
from mcp_server.adapters.cli.options import Json


def check(as_json: Json = False) -> None:
    """Judge every PRP.

    Could an agent start on it without asking? Exit code 1 for findings.
    """
    from mcp_server.operations.publishing import prp_problems
    from mcp_server.workspace.errors import KitError
    from mcp_server.workspace.workspace import Workspace

    try:
        problems = prp_problems(Workspace.open())
    except KitError as error:
        fail(error, as_json=as_json)
    found = [str(problem) for problem in problems]
    text = "\n".join(found) or "the PRPs are in order"
    answer({"problems": found}, as_json=as_json, show=lambda _: typer.echo(text))
    if found:
        raise typer.Exit(FINDINGS)


def show() -> None:
    """Print the board of tasks as the PRPs give it now."""
    from mcp_server.operations.publishing import plan_text
    from mcp_server.workspace.errors import KitError
    from mcp_server.workspace.workspace import Workspace

    try:
        typer.echo(plan_text(Workspace.open()), nl=False)
    except KitError as error:
        fail(error, as_json=False)
