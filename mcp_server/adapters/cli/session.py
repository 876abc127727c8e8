"""Performs an operation of the registry for one command."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mcp_server.adapters.cli.answers import Show, answer, fail, lines

if TYPE_CHECKING:
    from mcp_server.operations.context import Progress
    from mcp_server.operations.result import Result


def run(name: str, arguments: Mapping[str, Any], *, as_json: bool, show: Show = lines) -> dict[str, Any]:
    """Perform `name` with the arguments that were given (None: not given) and show its facts, which are returned."""
    facts = ask(name, arguments, as_json=as_json)
    answer(facts, as_json=as_json, show=show)
    return facts


def ask(name: str, arguments: Mapping[str, Any], *, as_json: bool) -> dict[str, Any]:
    """The facts of an operation, without showing them; an error ends the command."""
    from mcp_server.workspace.errors import KitError

    try:
        return asyncio.run(perform(name, arguments)).facts()
    except KitError as error:
        fail(error, as_json=as_json)


async def perform(name: str, arguments: Mapping[str, Any], progress: "Progress | None" = None) -> "Result":
    """The result of the operation in the workspace around the current directory. Raises KitError."""
    from mcp_server.operations.context import Context, no_progress
    from mcp_server.operations.registry import OPERATIONS
    from mcp_server.operations.registry import perform as perform_operation
    from mcp_server.workspace.child import WarmChild
    from mcp_server.workspace.workspace import Workspace

    workspace = Workspace.open()
    child = WarmChild(workspace)
    given = {key: value for key, value in arguments.items() if value is not None}
    try:
        return await perform_operation(
            OPERATIONS[name], Context(workspace, child, progress or no_progress), given
        )
    finally:
        await child.close()
