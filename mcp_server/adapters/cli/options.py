"""Options that several commands share."""

from typing import Annotated

import typer

Many = list[str] | None
"""An option that may be repeated; what its values hold by comma counts as well (`texts.parts_of`)."""
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the diff and change nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Write the facts as JSON.")]
Enum = Annotated[Many, typer.Option(help="An enum for all features, used as enum(@mood): mood=good,bad")]
Pagination = Annotated[str | None, typer.Option(help="offset or cursor.")]
SoftDelete = Annotated[bool, typer.Option("--soft-delete", help="DELETE only marks the row.")]
HardDelete = Annotated[bool, typer.Option("--hard-delete", help="DELETE takes the row away.")]


def soft_delete_of(soft: bool, hard: bool) -> bool | None:
    """What the two ask for, None where neither is given. Both end the command."""
    if soft and hard:
        raise typer.BadParameter("one of the two, not both", param_hint="--soft-delete, --hard-delete")
    return soft if soft or hard else None
