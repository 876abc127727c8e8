"""The revisions form one line with one head; read from source, so it answers when the app does not import."""

from mcp_server.gates.gate import Finding, Gate, GateContext, Outcome
from mcp_server.gates.result import failed, passed
from mcp_server.gates.tools.migration_proof import of_problem
from mcp_server.workspace.errors import KitError


async def run(context: GateContext) -> Outcome:
    """Read every revision file."""
    from mcp_server.migrations import heads

    try:
        graph = heads.read(context.workspace)
        head = graph.head
    except KitError as problem:
        findings = tuple(map(of_problem, problem.problems))
        return failed(problem.problems[0].reason, findings, str(problem))
    if head is None:
        folder = heads.versions_folder(context.workspace)
        finding = Finding(
            folder, 0, "MIG000", "there is no revision", fix="Write one, so that databases can be built."
        )
        return failed("no revision", (finding,))
    return passed(f"{len(graph.revisions)} revisions, head {head}")


gate = Gate(
    id="migration-head",
    group="database",
    title="Single head",
    inputs=("alembic/**", "pyproject.toml"),
    run=run,
    weight=0.1,
    rank=35,
    engines=("inspection", "migrations", "schema"),
)
