"""`apply_migration`: does what a plan showed, and only that."""

from pydantic import Field

from mcp_server.operations.context import Context
from mcp_server.operations.operation import Operation
from mcp_server.operations.result import Request, Result


class ApplyRequest(Request):
    token: str = Field(description="From plan_migration", min_length=1, max_length=500)


class ApplyResult(Result):
    database: str
    applied: list[str] = []
    before: list[str] = []
    after: list[str] = []
    backup: str = ""
    seconds: float


async def _run(context: Context, request: ApplyRequest) -> ApplyResult:
    from mcp_server.migrations.apply import apply

    done = await apply(context.workspace, context.child, request.token)
    return ApplyResult(
        database=str(done.target),
        applied=list(done.revisions),
        before=list(done.before),
        after=list(done.after),
        backup=done.backup or "",
        seconds=round(done.seconds, 3),
    )


apply_migration = Operation(
    name="apply_migration",
    title="Apply a planned migration",
    description=(
        "Upgrades the database to head exactly as planned; refused if revision, SQL or database changed since. Copies an "
        "SQLite file first. Refuses databases not provably local."
    ),
    request=ApplyRequest,
    result=ApplyResult,
    run=_run,
    destructive=True,
)
