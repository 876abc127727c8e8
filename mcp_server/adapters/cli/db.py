"""`kit db ...`."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from mcp_server.adapters.cli.answers import answer, fail
from mcp_server.adapters.cli.options import Json
from mcp_server.workspace.errors import KitError

if TYPE_CHECKING:
    from mcp_server.operations.seeding import Seeded


def seed(as_json: Json = False) -> None:
    """Fill demo data into the database of the settings.

    A user to sign in with, and a dozen rows of each feature whose table is empty. Refused with exit code 3 for a
    database that is not one of the workspace or of this machine.
    """
    from mcp_server.operations.seeding import EMAIL, PASSWORD

    try:
        seeded = asyncio.run(_seed())
    except KitError as error:
        fail(error, as_json=as_json)
    sign_in = {"email": EMAIL, "password": PASSWORD}
    answer({**asdict(seeded), "sign_in": sign_in}, as_json=as_json, show=_show)


async def _seed() -> "Seeded":
    from mcp_server.operations.seeding import seed as seed_database
    from mcp_server.workspace.child import WarmChild
    from mcp_server.workspace.workspace import Workspace

    workspace = Workspace.open()
    child = WarmChild(workspace)
    try:
        return await seed_database(workspace, child)
    finally:
        await child.close()


def _show(facts: Mapping[str, Any]) -> None:
    typer.echo(f"{'database':<12} {facts['database']}")
    for table, rows in facts["made"].items():
        typer.echo(f"{table:<12} {rows} made")
    for table, reason in facts["left"].items():
        typer.echo(f"{table:<12} left alone: {reason}")
    typer.echo(f"{'sign in':<12} {facts['sign_in']['email']} with {facts['sign_in']['password']}")
