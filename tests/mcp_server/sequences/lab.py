"""A workspace to change features in, and what has to hold of every change: proven whenever one is made."""

import ast
import asyncio
import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp_server.changes import history
from mcp_server.changes.change_set import ChangeSet
from mcp_server.migrations import heads
from mcp_server.operations.context import Context
from mcp_server.operations.registry import OPERATIONS, perform
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.errors import KitError
from mcp_server.workspace.listing import list_files
from mcp_server.workspace.workspace import Workspace

Tree = Mapping[str, bytes]
CREATE, EXTEND, REMOVE, UNDO = "scaffold_feature", "extend_feature", "remove_feature", "undo_change"


@dataclass(frozen=True, slots=True)
class Done:
    """A change that is in the tree. `change_id` undoes it."""

    change_id: str
    before: Tree
    after: Tree

    @property
    def paths(self) -> list[str]:
        every = self.before.keys() | self.after.keys()
        return sorted(path for path in every if self.before.get(path) != self.after.get(path))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing happened; why, as code and place of each problem."""

    problems: tuple[tuple[str, str], ...]

    @property
    def codes(self) -> set[str]:
        return {code for code, _ in self.problems}


class Lab:
    """Blocks until an operation is through: whoever draws what to do next is not asynchronous."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.workspace = Workspace.open(self.root)
        self._runner = asyncio.Runner()
        self.log: list[str] = []
        """What was asked for since the workspace was laid out: it says what a failure is about."""
        self._context = Context(self.workspace, WarmChild(self.workspace))

    def close(self) -> None:
        self._runner.run(self._context.child.close())
        self._runner.close()

    def do(self, operation: str, **arguments: Any) -> dict[str, Any]:
        return self._runner.run(perform(OPERATIONS[operation], self._context, arguments)).facts()

    def tree(self) -> Tree:
        """Every file that git knows or would know, the ledger included."""
        return {path: (self.root / path).read_bytes() for path in list_files(self.root)}

    def restore(self, tree: Tree) -> None:
        """Lay the files out as in `tree`, and forget every change."""
        for path in self.tree().keys() | tree.keys():
            self.lay(path, tree.get(path))
        shutil.rmtree(self.root / ".kit/history", ignore_errors=True)
        self.log.clear()

    def lay(self, path: str, content: bytes | None) -> None:
        """Give a file its content; None: it goes."""
        target = self.root / path
        if content is None:
            target.unlink(missing_ok=True)
        elif not target.exists() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def change(self, operation: str, **arguments: Any) -> Done | Refusal:
        """Make a change after a dry run, and make it again.

        Proven: the dry run writes nothing and shows the very diff that is applied; the second time changes no byte; every
        file parses, and there is one head. A change that is refused is refused by the dry run too, and writes nothing.
        """
        self.log.append(f"{operation} {json.dumps(arguments, ensure_ascii=False)}")
        before, records = self.tree(), history.ids(self.workspace)
        shown = self._attempt(operation, **arguments, dry_run=True)
        assert self.tree() == before, "a dry run wrote something"
        assert history.ids(self.workspace) == records, "a dry run recorded something"
        done = self._attempt(operation, **arguments)
        after = self.tree()
        if isinstance(done, Refusal):
            assert shown == done
            assert after == before, "a refusal wrote something"
            return done
        assert not isinstance(shown, Refusal), shown
        assert done.get("files") == shown.get("files")
        assert _difference(before, after) == self._diff(shown)
        self._require_whole(after)
        again = self._attempt(operation, **arguments)
        assert isinstance(again, Refusal) or "files" not in again
        assert self.tree() == after, "the second time changed something"
        return Done(done.get("change_id", ""), before, after)

    def undo_last(self) -> Done:
        """Undo whatever is to be undone next."""
        before = self.tree()
        change_id = self.do(UNDO)["change_id"]
        after = self.tree()
        self._require_whole(after)
        return Done(change_id, before, after)

    def require_tidy(self, done: Done) -> None:
        """Formatter and linter have nothing to say of what the change made."""
        made = [path for path in done.paths if path in done.after and path.endswith(".py")]
        if made:
            self._ruff("format", "--check", *made)
            self._ruff("check", *made)

    def format(self, path: str) -> None:
        """Format a file, as people do who have edited it."""
        self._ruff("format", path)

    def _ruff(self, *arguments: str) -> None:
        command: list[str | Path] = [
            self.workspace.python.with_name("ruff"),
            *arguments,
            "--no-cache",
            "--quiet",
        ]
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)  # noqa: S603
        assert done.returncode == 0, done.stdout + done.stderr

    def _attempt(self, operation: str, **arguments: Any) -> dict[str, Any] | Refusal:
        try:
            return self.do(operation, **arguments)
        except KitError as error:
            return Refusal(tuple((problem.code, problem.place) for problem in error.problems))

    def _diff(self, shown: Mapping[str, Any]) -> str:
        return (self.root / shown["diff_file"]).read_text(encoding="utf-8") if "diff_file" in shown else ""

    def _require_whole(self, tree: Tree) -> None:
        for path, content in tree.items():
            if path.endswith(".py"):
                _parse(content)
        assert len(heads.read(self.workspace).heads) == 1


_parsed: set[bytes] = set()


def _parse(content: bytes) -> None:
    """Parse what was not seen before: most files of a tree never change."""
    if content not in _parsed:
        ast.parse(content)
        _parsed.add(content)


def _difference(before: Tree, after: Tree) -> str:
    paths = before.keys() | after.keys()
    return ChangeSet.between("", before, {path: after.get(path) for path in paths}).diff()


def lost_lines(lines: Counter[str], before: bytes | None, after: bytes | None) -> Counter[str]:
    """Those of the lines that `before` has and `after` has no more, as often as they are lost."""
    there, now = (Counter((content or b"").decode().splitlines()) for content in (before, after))
    return Counter({line: lost for line in lines if (lost := min(lines[line], there[line]) - now[line]) > 0})
