"""Options that several commands share."""

from typing import Annotated

import typer

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the diff and change nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Write the facts as JSON.")]
Many = list[str] | None
"""An option that may be repeated; what its values hold by comma counts as well (`texts.parts_of`)."""
