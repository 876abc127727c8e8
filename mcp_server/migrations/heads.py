"""The graph of revisions, read from source. Nothing is imported, so it answers when the app does not start."""

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from mcp_server.workspace import syntax
from mcp_server.workspace.errors import KitError, Problem

if TYPE_CHECKING:
    from mcp_server.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision file. `parents` is empty for the first one and has several entries for a merge."""

    id: str
    parents: tuple[str, ...]
    path: str
    line: int
    message: str


@dataclass(frozen=True)
class RevisionGraph:
    """All revisions of a workspace. Raises nothing until a question has no single answer."""

    revisions: Mapping[str, Revision]

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Revisions that no other one builds on, sorted."""
        parents = {parent for revision in self.revisions.values() for parent in revision.parents}
        return tuple(sorted(set(self.revisions) - parents))

    @property
    def head(self) -> str | None:
        """The one head; None without any revision. KitError (MIG001) when there are several."""
        if len(self.heads) > 1:
            raise KitError(self.several_heads())
        return self.heads[0] if self.heads else None

    def several_heads(self) -> Problem:
        """How to get back to one head: the file to edit and what to write into it."""
        newest = max(self.heads, key=lambda head: (len(self.ancestors(head)), self.revisions[head].path))
        others = [head for head in self.heads if head != newest]
        file = self.revisions[newest]
        first = min((self.revisions[one] for one in self.ancestors(newest, without=others)), key=self._depth)
        return Problem(
            "MIG001",
            f"{first.path}:{first.line}",
            f"there are {len(self.heads)} heads: {', '.join(self.heads)}",
            f'Put one line of revisions behind the other: `kit migrate rebase`, or set down_revision = "{others[0]}" in {first.path}'
            + (" (only if it is not applied anywhere yet)" if first == file else ""),
        )

    def ancestors(self, revision: str, without: Collection[str] = ()) -> frozenset[str]:
        """The revision and everything it builds on, less what the revisions of `without` build on."""
        excluded = frozenset[str]().union(*(self.ancestors(one) for one in without))
        found: set[str] = set()
        waiting = [revision]
        while waiting:
            one = waiting.pop()
            if one in self.revisions and one not in found and one not in excluded:
                found.add(one)
                waiting.extend(self.revisions[one].parents)
        return frozenset(found)

    def pending(self, current: tuple[str, ...]) -> tuple[Revision, ...]:
        """What leads from the revisions a database has to the head, oldest first."""
        if self.head is None:
            return ()
        return self.ordered(self.ancestors(self.head, without=current))

    def ordered(self, ids: Iterable[str]) -> tuple[Revision, ...]:
        """These revisions, each behind those that it builds on."""
        return tuple(sorted((self.revisions[one] for one in ids), key=self._depth))

    def _depth(self, revision: Revision) -> tuple[int, str]:
        return len(self.ancestors(revision.id)), revision.id


def read(workspace: "Workspace") -> RevisionGraph:
    """The graph of the workspace's revision files. KitError when files contradict each other or cannot be read."""
    folder = versions_folder(workspace)
    return parse(workspace.texts(f"{folder}/*.py"))


def versions_folder(workspace: "Workspace") -> str:
    """Where revision files live, relative to the root."""
    return workspace.layout.templates["migrations"]


def parse(sources: Mapping[str, str]) -> RevisionGraph:
    """The graph of these files (path to text). KitError with every problem found."""
    problems: list[Problem] = []
    revisions: dict[str, Revision] = {}
    for path, text in sorted(sources.items()):
        if path.endswith("/__init__.py"):
            continue
        revision = _read_one(path, text)
        if isinstance(revision, Problem):
            problems.append(revision)
        elif revision.id in revisions:
            reason = f"revision {revision.id} is also the id of {revisions[revision.id].path}"
            hint = "Give one of them another id, and change the down_revision of whatever follows it"
            problems.append(Problem("MIG003", f"{path}:{revision.line}", reason, hint))
        else:
            revisions[revision.id] = revision
    graph = RevisionGraph(revisions)
    problems.extend(_broken_links(graph))
    if problems:
        raise KitError(*problems)
    return graph


@lru_cache(maxsize=1024)
def _read_one(path: str, text: str) -> Revision | Problem:
    try:
        tree = syntax.parse(text)
    except SyntaxError as error:
        return Problem(
            "MIG005", f"{path}:{error.lineno or 0}", f"does not parse: {error.msg}", "Mend the file"
        )
    values: dict[str, tuple[object, int]] = {}
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            name, value = node.target.id, node.value
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name, value = node.targets[0].id, node.value
        else:
            continue
        if name in {"revision", "down_revision"}:
            try:
                values[name] = (ast.literal_eval(value), node.lineno)
            except ValueError:
                return Problem(
                    "MIG005", f"{path}:{node.lineno}", f"{name} is not a literal", "Write the id itself"
                )
    match values.get("revision"), values.get("down_revision"):
        case (str(id_), _), (None | str() | tuple() | list() as down, line):
            parents = () if down is None else (down,) if isinstance(down, str) else tuple(map(str, down))
            message = (ast.get_docstring(tree) or "").partition("\n")[0].strip()
            return Revision(id_, parents, path, line, message)
        case _:
            hint = 'A revision file states revision = "<id>" and down_revision = "<id>" or None'
            return Problem(
                "MIG005", f"{path}:1", "is not a revision: revision or down_revision is missing", hint
            )


def _broken_links(graph: RevisionGraph) -> list[Problem]:
    problems = []
    circular = _is_circular(graph)
    for revision in graph.revisions.values():
        place = f"{revision.path}:{revision.line}"
        for parent in revision.parents:
            if parent not in graph.revisions:
                reason = f"{revision.id} builds on {parent}, which no file defines"
                problems.append(
                    Problem("MIG002", place, reason, "Restore that file or correct down_revision")
                )
            elif circular and revision.id in graph.ancestors(parent):
                reason = f"{revision.id} and {parent} build on each other"
                problems.append(Problem("MIG004", place, reason, "Correct down_revision"))
    return problems


def _is_circular(graph: RevisionGraph) -> bool:
    try:
        TopologicalSorter({one.id: one.parents for one in graph.revisions.values()}).prepare()
    except CycleError:
        return True
    return False
