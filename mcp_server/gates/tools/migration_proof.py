"""What the gates over migrations share: their inputs, and proofs and differences as findings."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mcp_server.gates.gate import Finding, GateContext, Outcome
from mcp_server.gates.result import failed, passed
from mcp_server.gates.tools.child_failure import of_child_failure
from mcp_server.inspection.declared import declared_at
from mcp_server.workspace.child import ChildFailed
from mcp_server.workspace.errors import Problem
from mcp_server.workspace.workspace import Workspace

if TYPE_CHECKING:
    from mcp_server.migrations.results import Difference

INPUTS = ("app/**", "alembic/**", "alembic.ini", "pyproject.toml")
ENGINES = ("inspection", "migrations", "schema")


def of_problem(problem: Problem) -> Finding:
    """Turn a problem into a finding; its place is `path:line`, or a name inside the schema."""
    file, _, line = problem.place.rpartition(":")
    known = bool(file) and line.isdigit()
    return Finding(
        file=file if known else "alembic/versions",
        line=int(line) if known else 0,
        rule=problem.code,
        message=problem.reason if known else f"{problem.place}: {problem.reason}",
        fix=problem.hint,
    )


async def prove_round_trip(context: GateContext, server: str | None = None) -> Outcome:
    """Run every revision up, down and up again with rows in the tables."""
    from mcp_server.migrations.round_trip import round_trip

    try:
        proof = await round_trip(context.workspace, context.child, server)
    except ChildFailed as problem:
        return of_child_failure(problem)
    if not proof.revisions:
        finding = Finding("alembic/versions", 0, "MIG000", "there is no revision to prove")
        return failed("nothing was proven", (finding,))
    summary = f"{proof.revisions} revisions up, down, up on {proof.engine}: {proof.rows} rows in {proof.tables} tables"
    if proof.holds:
        return passed(summary)
    return failed(
        f"{len(proof.problems)} problems; {summary}",
        tuple(map(of_problem, proof.problems)),
        _lines(proof.problems),
    )


async def prove_no_drift(context: GateContext, server: str | None = None) -> Outcome:
    """Compare what the revisions build with what the models say."""
    from mcp_server.migrations.drift import drift

    try:
        differences = await drift(context.workspace, context.child, server)
    except ChildFailed as problem:
        return of_child_failure(problem)
    if not differences:
        return passed("models and revisions agree")
    findings = tuple(_of_difference(context.workspace, difference) for difference in differences)
    return failed(
        f"{len(differences)} differences between models and revisions", findings, _lines(differences)
    )


def _of_difference(workspace: Workspace, difference: "Difference") -> Finding:
    """At the line of the model that it is about, where a model declares it."""
    file, line = declared_at(workspace, difference.table, difference.names) or ("app/models", 0)
    return Finding(
        file=file,
        line=line,
        rule="drift",
        message=str(difference),
        why="A database built by the revisions would not be the one the models expect.",
        fix=difference.fix,
    )


def _lines(items: Iterable[object]) -> str:
    return "".join(f"{item}\n" for item in items)
