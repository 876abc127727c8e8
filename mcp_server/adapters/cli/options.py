"""Options that several commands share."""

from typing import Annotated

import typer

Many = list[str] | None
"""An option that may be repeated; what its values hold by comma counts as well (`texts.parts_of`)."""
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the diff and change nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Write the facts as JSON.")]
Enum = Annotated[Many, typer.Option(help="An enum for all features, used as enum(@mood): mood=good,bad")]
Pagination = Annotated[str | None, typer.Option(help="offset or cursor.")]
SoftDelete = Annotated[
    bool | None, typer.Option("--soft-delete/--hard-delete", help="DELETE only marks the row.")
]
