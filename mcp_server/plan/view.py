"""MULTI_AGENT_PLAN.md: the readable view of all PRPs and their tasks. Made from them, never edited by hand."""

from collections.abc import Iterator, Sequence

from mcp_server.changes.change_set import ChangeSet
from mcp_server.plan.board import Listed, Task
from mcp_server.workspace.errors import Problem
from mcp_server.workspace.workspace import Workspace

VIEW = "MULTI_AGENT_PLAN.md"
PHASES = {1: "database", 2: "backend", 3: "testing", 4: "integration"}
_PRIORITIES = ("high", "medium", "low")


def render(workspace: Workspace, prps: Sequence[Listed]) -> ChangeSet:
    """The edit that brings the view up to date; empty when it is."""
    before = {VIEW: workspace.read(VIEW)}
    return ChangeSet.between("render the plan", before, {VIEW: view(prps).encode()})


def drift(workspace: Workspace, prps: Sequence[Listed]) -> tuple[Problem, ...]:
    """PLAN001 if the view differs from the PRPs."""
    hint = "Run `kit rules sync`; the view is made from PRPs/*/prp.md"
    changes = render(workspace, prps).changes
    return tuple(Problem("PLAN001", change.path, "differs from the PRPs", hint) for change in changes)


def view(prps: Sequence[Listed]) -> str:
    """The text of the view, high priority first."""
    return (
        "\n".join(_lines(sorted(prps, key=lambda prp: (_PRIORITIES.index(prp.facts.priority), prp.facts.id))))
        + "\n"
    )


def _lines(prps: Sequence[Listed]) -> Iterator[str]:
    yield "# Multi-agent plan"
    yield ""
    yield "<!-- kit:plan made from PRPs/*/prp.md by `kit rules sync`: edit the PRPs, not this view -->"
    yield ""
    yield "What there is to build, task by task. An agent takes a task whose dependencies are done, stays inside the PRP's"
    yield "`touches`, and has finished when the task's gates pass."
    for prp in prps:
        yield ""
        yield f"## [{prp.facts.id}]({prp.path}): {_cell(prp.facts.title)}"
        yield ""
        yield f"Priority {prp.facts.priority}, estimate {prp.facts.estimate}, {prp.facts.status}."
        yield ""
        yield "| task | phase | what | owner | after | gates |"
        yield "|---|---|---|---|---|---|"
        for task in sorted(prp.facts.tasks, key=lambda task: task.phase):
            yield _row(task)
    if not prps:
        yield ""
        yield "No PRP yet: copy `PRPs/templates/feature.md`."


def _row(task: Task) -> str:
    after, gates = ", ".join(task.depends_on), ", ".join(task.gates)
    cells = (task.id, f"{task.phase} {PHASES[task.phase]}", _cell(task.title), task.owner, after, gates)
    return f"| {' | '.join(cells)} |".replace("  ", " ")


def _cell(text: str) -> str:
    """Text that stays inside its cell and its line."""
    return " ".join(text.split()).replace("|", "\\|")
