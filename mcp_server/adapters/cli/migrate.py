"""`kit migrate ...`."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from mcp_server.adapters.cli.answers import FINDINGS, REFUSED, answer, fail
from mcp_server.adapters.cli.feature import show_change
from mcp_server.adapters.cli.options import DryRun, Json
from mcp_server.adapters.cli.session import ask, run
from mcp_server.workspace.errors import KitError


def plan(
    sql: Annotated[bool, typer.Option("--sql", help="Write only the SQL, for a person to run.")] = False,
    as_json: Json = False,
) -> None:
    """Show what a migration would do.

    Proves it on a scratch database and prints the token that applies it.

    Exit code 1 when something speaks against applying: a broken round trip, drift, a failed rehearsal.
    """
    facts = run("plan_migration", {}, as_json=as_json, show=_show_sql if sql else _show_plan)
    if _objections(facts):
        raise typer.Exit(FINDINGS)


def apply(
    token: Annotated[
        str | None,
        typer.Argument(
            help="The token that `kit migrate plan` printed; without one, only what is safe is applied."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Apply a planned migration.

    \b
      kit migrate plan
      kit migrate apply <token>

    Without a token it plans by itself, and stops with exit code 3 when a step is not safe or a proof fails.
    """
    if token is None:
        planned = ask("plan_migration", {}, as_json=as_json)
        if "token" not in planned:
            answer(planned, as_json=as_json, show=_show_nothing_to_do)
            raise typer.Exit(FINDINGS if planned.get("problems") else 0)
        if planned["verdict"] != "safe" or _objections(planned):
            answer({**planned, "next": _why_not(planned)}, as_json=as_json, show=_show_refusal)
            raise typer.Exit(REFUSED)
        token = planned["token"]
    run("apply_migration", {"token": token}, as_json=as_json, show=_show_applied)


def rebase(dry_run: DryRun = False, as_json: Json = False) -> None:
    """Put one of two lines of revisions behind the other.

    For branches that each made one: there is one head again. The line that the database of the settings lacks is moved;
    exit code 3 where it has both. `kit feature undo` takes it back.
    """
    try:
        facts = asyncio.run(_rebase(dry_run=dry_run))
    except KitError as error:
        fail(error, as_json=as_json)
    answer(facts, as_json=as_json, show=show_change)


async def _rebase(*, dry_run: bool) -> dict[str, Any]:
    from mcp_server.operations.context import Context, no_progress
    from mcp_server.operations.rebasing import rebase as put_behind
    from mcp_server.workspace.child import WarmChild
    from mcp_server.workspace.workspace import Workspace

    workspace = Workspace.open()
    child = WarmChild(workspace)
    try:
        return (await put_behind(Context(workspace, child, no_progress), dry_run=dry_run)).facts()
    finally:
        await child.close()


def _objections(facts: Mapping[str, Any]) -> bool:
    """Whether something speaks against applying: a failed rehearsal, drift, a broken round trip."""
    return bool(facts.get("problems")) or facts["verdict"] == "unproven"


def _why_not(facts: Mapping[str, Any]) -> str:
    """Why a plan is not applied without being asked for, and what to do next."""
    if _objections(facts):
        return f"Nothing was applied, because the proof failed: {facts['next'][0].lower()}{facts['next'][1:]}"
    number = sum(len(_unsafe(revision)) for revision in facts["revisions"])
    steps = "this step is not" if number == 1 else f"these {number} steps are not"
    return (
        f"Nothing was applied: without a token only what is safe is, and {steps}. "
        f"If that is what you want: kit migrate apply {facts['token']}"
    )


def _unsafe(revision: Mapping[str, Any]) -> list[str]:
    return [step for step in revision["steps"] if ": safe (" not in step]


def _show_refusal(facts: Mapping[str, Any]) -> None:
    typer.echo(f"database    {facts['database']}")
    for revision in facts["revisions"]:
        if steps := _unsafe(revision):
            typer.echo(f"{revision['id']}  {revision['message']}: {revision['verdict']}")
            typer.echo("\n".join(f"    {step}" for step in steps))
    _show_objections(facts)
    typer.echo(f"\n{facts['next']}")


def _show_objections(facts: Mapping[str, Any]) -> None:
    typer.echo(f"round trip  {facts.get('round_trip', 'not run')}")
    for name in ("drift", "problems", "notes"):
        for line in facts.get(name, []):
            typer.echo(f"{name:<11} {line}")


def _show_nothing_to_do(facts: Mapping[str, Any]) -> None:
    for line in facts.get("problems", []):
        typer.echo(line)
    typer.echo(facts["next"])


def _show_plan(facts: Mapping[str, Any]) -> None:
    typer.echo(f"database    {facts['database']}")
    typer.echo(
        f"now at      {', '.join(facts.get('current', [])) or 'base'}, head {facts.get('head', 'none')}"
    )
    for revision in facts.get("revisions", []):
        typer.echo(f"{revision['id']}  {revision['message']}: {revision['verdict']}")
        for step in revision["steps"]:
            typer.echo(f"    {step}")
    _show_objections(facts)
    typer.echo(f"verdict     {facts['verdict']}")
    if "token" in facts and _objections(facts):
        typer.echo(f"token       {facts['token']}\n\n{facts['next']}")
    elif "token" in facts:
        typer.echo(f"\nkit migrate apply {facts['token']}")
    else:
        typer.echo(f"\n{facts['next']}")


def _show_sql(facts: Mapping[str, Any]) -> None:
    for revision in facts.get("revisions", []):
        typer.echo(f"-- {revision['id']} {revision['message']}\n{revision['sql']}\n")


def _show_applied(facts: Mapping[str, Any]) -> None:
    before, after = (", ".join(facts.get(name, [])) or "base" for name in ("before", "after"))
    typer.echo(f"{facts['database']}: {before} -> {after} in {facts['seconds']} s")
    if "backup" in facts:
        typer.echo(f"copy of the state before: {facts['backup']}")
