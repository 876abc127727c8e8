"""Kills extend, remove and undo at every touch of the disk. A program: prints what it found as JSON.

`python -m tests.mcp_server.operations.kill_changes WORKSPACE OPERATION ARGUMENTS` in a workspace that the operation has
something to do in. One forked process per kill point (see `changes/kill_points.py`), then a start that recovers.
"""

import asyncio
import json
import shutil
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from mcp_server.changes import journal
from mcp_server.operations.context import Context
from mcp_server.operations.registry import OPERATIONS, perform
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.changes.kill_points import Fault, run

TREE = ("app", "alembic", "tests", ".kit")


class Inherited(WarmChild):
    """The warm process that was started before the fork: it takes calls of whoever has inherited its socket."""

    def _started(self) -> socket.socket:
        return self._control or super()._started()


class Stage:
    """The workspace, laid out again for each attempt."""

    def __init__(self, root: Path, operation: str, arguments: dict[str, Any]) -> None:
        self.root, self.saved = root, root.with_name("saved")
        self.operation, self.arguments = OPERATIONS[operation], arguments
        self.workspace = Workspace.open(root)
        self.child = Inherited(self.workspace)
        asyncio.run(
            self.child.call("mcp_server.inspection.live:routes")
        )  # compiles the app, which is saved too
        for name in TREE:
            shutil.copytree(root / name, self.saved / name)

    def lay_out(self) -> None:
        for name in TREE:
            shutil.rmtree(self.root / name)
            shutil.copytree(self.saved / name, self.root / name)

    def tree(self) -> dict[str, bytes]:
        """What is part of the tree; history and scratch are not."""
        folders = [self.root / name for name in ("app", "alembic", "tests", ".kit/ledger")]
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for folder in folders
            for path in sorted(folder.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }

    def act(self) -> None:
        asyncio.run(perform(self.operation, Context(self.workspace, self.child), self.arguments))

    def recover(self) -> None:
        asyncio.run(journal.recover(self.workspace))

    def leftovers(self) -> list[str]:
        """What is left beside the files of the tree; caches in the scratch directory may leave what they like."""
        return [path.name for path in self.root.rglob("*.tmp") if ".kit" not in path.parts]


def main(directory: str, operation: str, arguments: str) -> None:
    stage = Stage(Path(directory).resolve(), operation, json.loads(arguments))
    old = stage.tree()
    stage.act()  # what it imports, which takes longer than its work, is then there in every fork of this process
    stage.lay_out()
    code, counted = run(stage.act, Fault())
    new, points = stage.tree(), len(counted.kinds)
    faults = [] if code == 0 and new != old else [f"without a fault it ended with {code}"]
    # Before the journal's first sync only history and scratch are touched: every sixth of those points will do.
    first = next(index for index, kind in enumerate(counted.kinds) if kind == "fsync")
    chosen = [point for point in range(points) if point >= first - 4 or point % 6 == 0]
    ended = {"old": 0, "new": 0}
    for point in chosen:
        stage.lay_out()
        code, _ = run(stage.act, Fault(kill_at=point))
        recovered, _ = run(stage.recover, Fault())
        tree = stage.tree()
        name = "old" if tree == old else "new" if tree == new else "mixed"
        if code != -signal.SIGKILL or recovered != 0 or name == "mixed" or stage.leftovers():
            faults.append(f"point {point}: {code}, recovery {recovered}, {name}, left {stage.leftovers()}")
        ended[name] = ended.get(name, 0) + 1
    asyncio.run(stage.child.close())
    print(json.dumps({"points": points, "killed": len(chosen), **ended, "faults": faults}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
