"""`undo_change`: gives back every byte from before a change."""

from pydantic import Field

from mcp_server.operations.change_result import ChangeResult
from mcp_server.operations.context import Context
from mcp_server.operations.operation import Operation
from mcp_server.operations.result import Request


class UndoRequest(Request):
    change_id: str | None = Field(None, description="Default: the last one still in effect; of an undo: redo")
    confirm: bool = Field(False, description="Lose rows on the way down")
    dry_run: bool = False


async def _run(context: Context, request: UndoRequest) -> ChangeResult:
    from mcp_server.operations.undoing import undo

    return await undo(context, request)


undo_change = Operation(
    name="undo_change",
    title="Undo a change",
    description=(
        "Gives back every byte from before a scaffold, extend, remove or undo; edits since in other lines stay, of the same "
        "lines are named and nothing is written. Downgrades its migration first where applied, never on a protected database."
    ),
    request=UndoRequest,
    result=ChangeResult,
    run=_run,
    destructive=True,
)
