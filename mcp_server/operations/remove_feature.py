"""`remove_feature`: takes a feature out, with a migration that drops its table."""

from pydantic import Field

from mcp_server.operations.change_result import ChangeResult
from mcp_server.operations.context import Context
from mcp_server.operations.operation import Operation
from mcp_server.operations.result import Request


class RemoveRequest(Request):
    feature: str
    force: bool = Field(False, description="Also files edited by hand")
    dry_run: bool = False


async def _run(context: Context, request: RemoveRequest) -> ChangeResult:
    from mcp_server.operations.removing import remove

    return await remove(context, request)


remove_feature = Operation(
    name="remove_feature",
    title="Remove a feature",
    description=(
        "Takes a feature's files out and writes the migration that drops its table (rows go when it is applied). Refuses "
        "while others use it, naming them."
    ),
    request=RemoveRequest,
    result=ChangeResult,
    run=_run,
    destructive=True,
)
