"""`extend_feature`: changes a feature, its migration included, and keeps what people have edited."""

from typing import Any

from pydantic import Field

from mcp_server.operations.change_result import ChangeResult
from mcp_server.operations.context import Context
from mcp_server.operations.operation import Operation
from mcp_server.operations.result import Request


class ExtendRequest(Request):
    feature: str
    add: list[str] = Field([], description="Fields as in scaffold_feature")
    change: list[str] = Field([], description="Same, replacing by name")
    rename: dict[str, str] = Field({}, description="{'old':'new','status.draft':'new'}")
    drop: list[str] = []
    set: dict[str, Any] = Field({}, description="Spec keys: {'pagination':'cursor'}")
    include: dict[str, list[Any]] = Field({}, description="Into lists: {'filters':['price']}")
    exclude: dict[str, list[Any]] = {}
    fill: dict[str, Any] = Field({}, description="Existing rows get: {'weight':0}")
    spec: dict[str, Any] | str | None = Field(None, description="Or the whole new spec")
    by_hand: list[str] = []
    dry_run: bool = False


async def _run(context: Context, request: ExtendRequest) -> ChangeResult:
    from mcp_server.operations.extending import extend

    return await extend(context.workspace, request)


extend_feature = Operation(
    name="extend_feature",
    title="Change a feature",
    description=(
        "Adds, changes, renames (rows kept), drops fields; lists, constraints, operations, access; with the migration. "
        "Hand edits survive, merged by syntax; or nothing is written and you get reasons and patch."
    ),
    request=ExtendRequest,
    result=ChangeResult,
    run=_run,
    idempotent=True,
)
