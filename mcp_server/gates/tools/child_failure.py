"""What it means when a function in the child fails: a defect of the service, at its place, or of the kit."""

from mcp_server.gates.gate import Finding, Outcome
from mcp_server.gates.result import failed
from mcp_server.workspace.child import ChildFailed

RULE = "import-error"


def of_child_failure(problem: ChildFailed) -> Outcome:
    """Return the failure as a finding at the line of the service that raised it.

    Raises `problem` again when no line of the service is to blame: the process died, took too long, or the kit erred.
    """
    file, _, line = problem.where.rpartition(":")
    if not file.startswith(("app/", "alembic/")):
        raise problem
    finding = Finding(
        file,
        int(line) if line.isdigit() else 0,
        RULE,
        f"{problem.type}: {problem.message}",
        why="Nothing that needs the running service can be judged before this is mended.",
        fix="Mend this line; other findings may only follow from it.",
    )
    return failed("the service does not start", (finding,), str(problem))
