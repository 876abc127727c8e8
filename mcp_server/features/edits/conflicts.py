"""Why a difference could not be spliced into a file, and the patch that says what is left to do by hand."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from mcp_server.workspace.errors import Problem, Refused

Code = Literal["EDT001", "EDT002", "EDT003", "EDT004", "EDT005", "EDT006", "EDT007"]
HINTS: Final[dict[Code, str]] = {
    "EDT001": "Make the file valid Python, then try again",
    "EDT002": "Put it back, or apply the patch by hand where it belongs now",
    "EDT003": "Apply the patch by hand, or take the edit back for a moment",
    "EDT004": "Rename the one in the file, or apply the patch by hand",
    "EDT005": "Give it lines of its own, or apply the patch by hand",
    "EDT006": "Apply the patch by hand",
    "EDT007": "Put that route on a router of its own, or apply the patch and take the prefix away",
}
"""The codes of everything that can be in the way of a splice, each with the way out. A code keeps its meaning.

001 the file cannot be read as Python · 002 what has to change is gone · 003 what has to change was edited by hand ·
004 something else has the name already · 005 the place is written so that nothing can be put in or taken out ·
006 the result could not be proven · 007 the router has a prefix that a new route does not have.
"""

Span = tuple[int, int]
"""First line and line after the last, from 0; equal for a place between two lines."""

NOWHERE: Final[Span] = (-2, -2)


class EditConflict(Refused):
    """Part of the difference found no place in a file; nothing was changed.

    `problems` name every place in the current file, `patch` is a unified diff of what found none.
    """

    def __init__(self, patch: str, *problems: Problem) -> None:
        super().__init__(*problems)
        self.patch = patch


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing in the way: a line of the current file (from 1), and the lines of base and wanted that are concerned."""

    code: Code
    line: int
    reason: str
    base: Span
    wanted: Span


def conflict(path: str, base: str, wanted: str, obstacles: Iterable[Obstacle]) -> EditConflict:
    """The error to raise for all obstacles of one file."""
    found = sorted(set(obstacles), key=lambda each: (each.line, each.code, each.reason))
    problems = [Problem(each.code, f"{path}:{each.line}", each.reason, HINTS[each.code]) for each in found]
    return EditConflict(_patch(path, base, wanted, found), *problems)


def _patch(path: str, base: str, wanted: str, obstacles: Sequence[Obstacle]) -> str:
    """The hunks that lead from base to wanted and touch an obstacle."""
    old, new = base.splitlines(keepends=True), wanted.splitlines(keepends=True)
    groups = list(difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes())
    touched = [
        group
        for group in groups
        if any(
            tag != "equal"
            and any(_meet((i, j), each.base) or _meet((k, m), each.wanted) for each in obstacles)
            for tag, i, j, k, m in group
        )
    ]
    lines = [f"--- a/{path}\n", f"+++ b/{path}\n"]
    for group in touched or groups:
        (_, i, _, k, _), (_, _, j, _, m) = group[0], group[-1]
        lines.append(f"@@ -{i + 1},{j - i} +{k + 1},{m - k} @@\n")
        for tag, start, stop, low, high in group:
            lines += [f" {line}" for line in old[start:stop] if tag == "equal"]
            lines += [f"-{line}" for line in old[start:stop] if tag != "equal"]
            lines += [f"+{line}" for line in new[low:high] if tag != "equal"]
    return "".join(lines)


def _meet(one: Span, other: Span) -> bool:
    return one[0] < max(other[1], other[0] + 1) and other[0] < max(one[1], one[0] + 1)
