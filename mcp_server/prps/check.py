"""The static check of PRPs: can an agent start on it without asking? Reads files, runs nothing.

Codes: PRP001 front matter · PRP002 id and folder · PRP003 placeholder · PRP004 section · PRP005 repeated id · PRP006
dangling id · PRP007 circle · PRP008 requirement without task · PRP009 requirement without test · PRP010 stale
context · PRP011 outside touches · PRP012 forbidden path · PRP013 role without agent · PRP014 unknown gate.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from graphlib import CycleError, TopologicalSorter

from mcp_server.prps.model import FrontMatter, Requirement, fingerprint
from mcp_server.prps.read import Prp, read_prps
from mcp_server.workspace.errors import Problem
from mcp_server.workspace.globs import matcher
from mcp_server.workspace.workspace import Workspace

SECTIONS = (
    "Purpose",
    "Goal",
    "Why",
    "What",
    "Success criteria",
    "Context",
    "Blueprint",
    "Tasks by phase",
    "Validation commands",
    "Quality gates",
    "Anti-patterns",
    "Edge cases",
    "Questions",
    "Final checklist",
)
_PLACEHOLDER = re.compile(r"\{\{[^{}\n]*\}\}|\b(?:TODO|TBD|FIXME|XXX)\b")


def check_all(workspace: Workspace, gates: Collection[str] | None = None) -> tuple[Problem, ...]:
    """Everything that is wrong with the PRPs of a workspace; `gates` are the ids there are (None: not checked)."""
    prps, problems = read_prps(workspace)
    return (*problems, *(problem for prp in prps for problem in check(workspace, prp, gates)))


def check(workspace: Workspace, prp: Prp, gates: Collection[str] | None = None) -> Iterator[Problem]:
    """What is wrong with one PRP. A draft may be incomplete; it may not be contradictory."""
    facts = prp.facts
    folder = prp.path.split("/")[-2]
    if facts.id != folder:
        yield Problem("PRP002", prp.path, f"the id is {facts.id}, the folder {folder}", "Give both one name")
    yield from _ids(prp)
    yield from _paths(prp)
    if facts.status == "draft":
        return
    yield from _body(prp)
    yield from _requirements(workspace, prp)
    yield from _context(workspace, prp)
    yield from _roles(workspace, prp)
    if gates is not None:
        named = {*facts.gates, *(gate for task in facts.tasks for gate in task.gates)}
        for gate in sorted(named - set(gates)):
            yield Problem(
                "PRP014", prp.path, f"there is no gate {gate}", f"Gates: {', '.join(sorted(gates))}"
            )


def _ids(prp: Prp) -> Iterator[Problem]:
    facts = prp.facts
    ids = [*(task.id for task in facts.tasks), *(item.id for item in facts.requirements)]
    for name, count in Counter(ids).items():
        if count > 1:
            yield Problem(
                "PRP005", f"{prp.path} {name}", f"the id {name} is used {count} times", "Number them anew"
            )
    tasks, requirements = {task.id for task in facts.tasks}, {item.id for item in facts.requirements}
    for task in facts.tasks:
        place = f"{prp.path} {task.id}"
        for name in [*(set(task.depends_on) - tasks), *(set(task.satisfies) - requirements)]:
            yield Problem(
                "PRP006",
                place,
                f"there is no {name}",
                "Name a task in depends_on, a requirement in satisfies",
            )
    graph = {task.id: {name for name in task.depends_on if name in tasks} for task in facts.tasks}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        yield Problem(
            "PRP007", f"{prp.path} tasks", f"tasks wait for each other: {circle}", "Cut one dependency"
        )


def _paths(prp: Prp) -> Iterator[Problem]:
    facts = prp.facts
    touched, forbidden = (
        matcher(facts.touches),
        matcher(facts.forbidden) if facts.forbidden else lambda _: False,
    )
    for task in facts.tasks:
        for path in (*task.creates, *task.modifies):
            place = f"{prp.path} {task.id}"
            if not touched(path):
                yield Problem(
                    "PRP011", place, f"{path} is outside touches", "Widen touches, or leave the file alone"
                )
            if forbidden(path):
                yield Problem("PRP012", place, f"{path} is forbidden", "Leave the file alone")


def _body(prp: Prp) -> Iterator[Problem]:
    headings = {match[1].strip(): match.end() for match in re.finditer(r"^## (.+)$", prp.body, re.MULTILINE)}
    for section in SECTIONS:
        start = headings.get(section)
        text = "" if start is None else prp.body[start:].partition("\n## ")[0]
        if not text.strip():
            what = "is missing" if start is None else "is empty"
            yield Problem(
                "PRP004", prp.path, f"the section {section!r} {what}", f"Write it under ## {section}"
            )
    for match in _PLACEHOLDER.finditer(prp.body):
        line = prp.body_line + prp.body.count("\n", 0, match.start())
        yield Problem("PRP003", f"{prp.path}:{line}", f"a placeholder is left: {match[0]}", "Fill it in")
    for match in _PLACEHOLDER.finditer(prp.facts.model_dump_json()):
        yield Problem("PRP003", f"{prp.path}:1", f"a placeholder is left: {match[0]}", "Fill it in")


def _requirements(workspace: Workspace, prp: Prp) -> Iterator[Problem]:
    facts = prp.facts
    satisfied = {name for task in facts.tasks for name in task.satisfies}
    for requirement in facts.requirements:
        place = f"{prp.path} {requirement.id}"
        if requirement.id not in satisfied:
            yield Problem(
                "PRP008", place, "no task satisfies this requirement", "Add it to a task's satisfies"
            )
        if not requirement.tests:
            yield Problem(
                "PRP009", place, "no test proves this requirement", "Name a test, as path::function"
            )
        yield from (
            Problem("PRP009", place, reason, "Correct the name")
            for reason in _unreal(workspace, facts, requirement)
        )


def _unreal(workspace: Workspace, facts: FrontMatter, requirement: Requirement) -> Iterator[str]:
    """Tests that neither exist nor are written by a task."""
    written = {path for task in facts.tasks for path in (*task.creates, *task.modifies)}
    for test in requirement.tests:
        path, _, function = test.partition("::")
        content = workspace.read(path)
        if content is None and path not in written:
            yield f"no task writes {path}"
        elif content is not None and not _has_test(content.decode(), function) and path not in written:
            yield f"there is no test {test}"


def _has_test(text: str, function: str) -> bool:
    return re.search(rf"def {re.escape(function.rpartition('::')[2])}\b", text) is not None


def _context(workspace: Workspace, prp: Prp) -> Iterator[Problem]:
    for item in prp.facts.context:
        content = workspace.read(item.path)
        place = f"{prp.path} {item.path}"
        if content is None:
            yield Problem("PRP010", place, "this context file does not exist", "Correct the path")
        elif fingerprint(content) != item.sha256:
            hint = f"Read it again, correct the PRP, then set sha256: {fingerprint(content)}"
            yield Problem("PRP010", place, "this context file has changed since the PRP was written", hint)


def _roles(workspace: Workspace, prp: Prp) -> Iterator[Problem]:
    known = {path.rpartition("/")[2].removesuffix(".md") for path in workspace.files(".claude/agents/*.md")}
    for task in prp.facts.tasks:
        if task.owner not in known:
            hint = f"Agents: {', '.join(sorted(known)) or 'none'}"
            yield Problem("PRP013", f"{prp.path} {task.id}", f"there is no agent {task.owner}", hint)
