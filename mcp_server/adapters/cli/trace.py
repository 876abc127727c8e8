"""`kit feature trace`."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from mcp_server.adapters.cli.answers import REFUSED, answer, fail
from mcp_server.adapters.cli.feature import show_change
from mcp_server.adapters.cli.options import DryRun, Json
from mcp_server.workspace.errors import KitError

_ENDLESS = 2**20
"""Columns of a line of YAML: a field is never broken in two."""


def trace(
    name: Annotated[str, typer.Argument(help="The feature, its model class or its table.")],
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Record the spec, so that the feature can be extended.")
    ] = False,
    shorthand: Annotated[bool, typer.Option("--shorthand", help="Only the fields, one a line.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Read the spec of a feature that was written by hand.

    Model, schemas, routes and repository give the spec, as YAML; what it cannot say, or what is assumed, goes to standard
    error with file, line and code. With --adopt it is recorded, and `kit feature extend` changes the feature from then on,
    under the names and in the files that it has: these stay as they are, and `kit feature undo` takes it back.
    Exit code 3 where the kit could not extend it.

    \b
      kit feature trace supplier > supplier.yaml
      kit feature trace Supplier --adopt
    """
    try:
        facts = asyncio.run(_facts(name, adopt=adopt, dry_run=dry_run))
    except KitError as error:
        fail(error, as_json=as_json)
    show = show_change if adopt else _show_fields if shorthand else _show
    answer(facts, as_json=as_json, show=show)
    if not facts.get("extendable", True):
        raise typer.Exit(REFUSED)


async def _facts(name: str, *, adopt: bool, dry_run: bool) -> dict[str, Any]:
    from mcp_server.operations.adopting import adopt as adopt_feature
    from mcp_server.operations.context import Context
    from mcp_server.operations.tracing import trace_feature
    from mcp_server.workspace.child import WarmChild
    from mcp_server.workspace.workspace import Workspace

    workspace = Workspace.open()
    context = Context(workspace, WarmChild(workspace))
    try:
        if adopt:
            return (await adopt_feature(context, name, dry_run=dry_run)).facts()
        return (await trace_feature(context, name)).facts()
    finally:
        await context.child.close()


def _show(facts: Mapping[str, Any]) -> None:
    import yaml

    for key, value in facts["spec"].items():
        flow = None if isinstance(value, list | dict) and key != "fields" else False
        text = yaml.safe_dump(
            {key: value}, allow_unicode=True, default_flow_style=flow, sort_keys=False, width=_ENDLESS
        )
        typer.echo(text, nl=False)
    _show_gaps(facts)


def _show_fields(facts: Mapping[str, Any]) -> None:
    for field in facts["spec"]["fields"]:
        typer.echo(field)
    _show_gaps(facts)


def _show_gaps(facts: Mapping[str, Any]) -> None:
    for gap in facts["gaps"]:
        typer.echo(f"{gap['code']} at {gap['place']}: {gap['reason']}", err=True)
