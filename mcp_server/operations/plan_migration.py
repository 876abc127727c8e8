"""`plan_migration`: what a migration would do, before it does it."""

from typing import TYPE_CHECKING

from pydantic import Field

from mcp_server.operations.context import Context
from mcp_server.operations.operation import Operation
from mcp_server.operations.result import Part, Request, Result

if TYPE_CHECKING:
    from mcp_server.migrations.results import Judgement, MigrationPlan, PlannedRevision

_NEXT = "apply_migration with this token; it is void as soon as revision, SQL or database differ"
_NOTHING = "Nothing is pending: the database is at head"
_MEND = "Mend the problems, then plan again"
_UNPROVEN = "Mend what the proof found and plan again; the token would apply it unproven"


class PlanRequest(Request):
    pass


class Revision(Part):
    """`steps` say what each operation means for the rows that are there, the most harmful first."""

    id: str
    path: str
    message: str
    verdict: str
    steps: list[str]
    sql: str


class PlanResult(Result):
    database: str
    current: list[str] = []
    head: str = ""
    heads: int = 0
    verdict: str
    revisions: list[Revision] = []
    round_trip: str = ""
    drift: list[str] = []
    problems: list[str] = []
    notes: list[str] = []
    token: str = Field("", description="For apply_migration")
    next: str


async def _run(context: Context, _request: PlanRequest) -> PlanResult:
    from mcp_server.migrations.plan import plan

    return _result(await plan(context.workspace, context.child))


def _result(plan: "MigrationPlan") -> PlanResult:
    return PlanResult(
        database=str(plan.target),
        current=list(plan.current),
        head=plan.head or "",
        heads=plan.heads,
        verdict="unproven" if _unproven(plan) else plan.verdict,
        revisions=[_revision(revision) for revision in plan.revisions],
        round_trip=_round_trip(plan),
        drift=[str(difference) for difference in plan.drift],
        problems=[str(problem) for problem in plan.problems],
        notes=list(plan.notes),
        token=plan.token,
        next=_UNPROVEN
        if plan.token and _unproven(plan)
        else _NEXT
        if plan.token
        else _MEND
        if plan.problems
        else _NOTHING,
    )


def _unproven(plan: "MigrationPlan") -> bool:
    """Whether the proof failed, whatever the single steps look like."""
    return bool(plan.drift) or (plan.round_trip is not None and not plan.round_trip.holds)


def _round_trip(plan: "MigrationPlan") -> str:
    trip = plan.round_trip
    if trip is None:
        return ""
    if not trip.holds:
        return "BROKEN: " + "; ".join(str(problem) for problem in trip.problems)
    return (
        f"holds: up, down, up of {trip.revisions} revisions on {trip.engine} with {trip.rows} rows in "
        f"{trip.tables} tables, {trip.seconds:.2f} s"
    )


def _revision(revision: "PlannedRevision") -> Revision:
    from mcp_server.migrations.results import VERDICTS

    judgements = sorted(revision.judgements, key=lambda one: VERDICTS.index(one.verdict), reverse=True)
    return Revision(
        id=revision.id,
        path=revision.path,
        message=revision.message,
        verdict=revision.verdict,
        steps=[_step(judgement) for judgement in judgements],
        sql=revision.sql or revision.note,
    )


def _step(judgement: "Judgement") -> str:
    rows = f", {judgement.rows} rows" if judgement.rows else ""
    return f"{judgement.operation}: {judgement.verdict} ({judgement.reason}{rows})"


plan_migration = Operation(
    name="plan_migration",
    title="Plan a migration",
    description=(
        "Before anything runs: which database and how precious, SQL per revision, a verdict per step with the rows at stake, "
        "an up-down-up rehearsal on a scratch database, drift, and the token for apply_migration."
    ),
    request=PlanRequest,
    result=PlanResult,
    run=_run,
    reads_only=True,
    idempotent=True,
)
