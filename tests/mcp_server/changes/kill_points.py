"""Kills real processes at every touch of the disk during an apply. A program: prints what it found as JSON.

`python -m tests.mcp_server.changes.kill_points DIRECTORY`. It forks one process per kill point from a process that has
imported the journal already, which makes some hundred kills cheap. Nothing in the product knows of it: Python's audit
events and two wrapped functions of `os` count every open for writing, write, fsync, rename, unlink, mkdir, rmdir, chmod.
"""

import asyncio
import errno
import json
import os
import shutil
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, NoReturn

from mcp_server.changes import journal
from mcp_server.changes.change_set import ChangeSet
from mcp_server.workspace.config import KitConfig
from mcp_server.workspace.errors import Refused
from mcp_server.workspace.workspace import Workspace

OLD = {
    "README.md": b"old readme\n",
    "app/__init__.py": b"",
    "app/models/user.py": b"class User: ...\n",
    "app/models/order.py": b"class Order: ...\n" * 400,
    "app/legacy/deep/gone.py": b"x = 1\n",
    "bin/tool": b"#!/bin/sh\n",
}
NEW: dict[str, bytes | None] = {
    "README.md": b"new readme\n",
    "app/models/order.py": b"class Order:\n    total = 0\n" * 300,
    "app/models/supplier.py": b"class Supplier: ...\n",
    "app/domains/supplier/api/routes.py": b"routes = []\n",
    "app/domains/supplier/model.py": b"",
    "app/legacy/deep/gone.py": None,
    "bin/tool": None,
    "zz.toml": b"[a]\nb = 1\n",
}
_AUDITED = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate"}
_FINISHED, _REFUSED, _BROKEN = 0, 3, 9

Snapshot = dict[str, tuple[str, int]]


@dataclass
class Fault:
    """Counts the touches of the disk in this process; kills it before, or half-way through, one of them."""

    kill_at: int | None = None
    half: bool = False
    fail_at: int | None = None
    kinds: list[str] = field(default_factory=list)
    _one_at_a_time: Lock = field(default_factory=Lock)

    def install(self) -> None:
        write, sync = os.write, os.fsync

        def counted_write(descriptor: int, data: memoryview) -> int:
            if self.half and len(self.kinds) == self.kill_at:
                write(descriptor, data[: len(data) // 2])
            self.touch("write")
            return write(descriptor, data)

        def counted_sync(descriptor: int) -> None:
            self.touch("fsync")
            sync(descriptor)

        os.write = counted_write  # type: ignore[assignment]
        os.fsync = counted_sync  # type: ignore[assignment]
        sys.addaudithook(self.audit)

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _AUDITED or (event == "open" and _for_writing(arguments)):
            self.touch(event)

    def touch(self, kind: str) -> None:
        with self._one_at_a_time:
            now = len(self.kinds)
            self.kinds.append(kind)
        if now == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if now == self.fail_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "injected")


def _for_writing(arguments: tuple[Any, ...]) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


class Stage:
    """A directory in which the old tree is laid out again for each attempt."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.workspace = Workspace(root, KitConfig())
        before: dict[str, bytes | None] = {path: OLD.get(path) for path in NEW}
        self.change_set = ChangeSet.between("rebuild", before, NEW)

    def lay_out(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        for path, content in OLD.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_bytes(content)
        (self.root / "bin/tool").chmod(0o755)
        (self.root / "app/models/order.py").chmod(0o640)
        (self.root / "app/legacy/deep/__pycache__").mkdir()
        _ = self.workspace.scratch

    def snapshot(self) -> Snapshot:
        """Everything below the root but the kit's scratch: kind or content, and permissions."""
        found: Snapshot = {}
        for path in sorted(self.root.rglob("*")):
            name = path.relative_to(self.root).as_posix()
            if name.startswith(".kit") or path.name == "__pycache__":
                continue
            content = "directory" if path.is_dir() else path.read_bytes().hex()
            found[name] = (content, 0 if path.is_dir() else path.stat().st_mode & 0o777)
        return found

    def apply(self) -> None:
        asyncio.run(journal.apply(self.workspace, self.change_set))

    def recover(self) -> None:
        asyncio.run(journal.recover(self.workspace))

    def leftovers(self) -> list[str]:
        """What no finished operation leaves behind."""
        room = self.root / ".kit/scratch/journal"
        files = [path.name for path in room.iterdir() if path.name != "lock"] if room.is_dir() else []
        return files + [path.name for path in self.root.rglob("*.tmp")]


def run(action: Callable[[], None], fault: Fault) -> tuple[int, Fault]:
    """Run `action` under `fault` in a forked process: its exit code (negative: signal) and what it counted."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _act(action, fault, writer)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        report = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if report:
        fault.kinds = json.loads(report)
    return code, fault


def _act(action: Callable[[], None], fault: Fault, report: int) -> NoReturn:
    code = _BROKEN
    plain_write = os.write
    try:
        fault.install()
        action()
        code = _FINISHED
    except Refused:
        code = _REFUSED
    except BaseException:  # noqa: BLE001  # this process must never return into the caller's code
        traceback.print_exc()
    finally:
        plain_write(report, json.dumps(fault.kinds).encode())
        os._exit(code)


class Experiment:
    """All attempts, and what went wrong in them."""

    def __init__(self, root: Path) -> None:
        self.stage = Stage(root)
        self.faults: list[str] = []
        self.stage.lay_out()
        self.old = self.stage.snapshot()
        code, counted = run(self.stage.apply, Fault())
        self.new = self.stage.snapshot()
        self.kinds = counted.kinds
        self.points = len(self.kinds)
        self.results = {"old": 0, "new": 0}
        self._expect(code == _FINISHED, "an apply without a fault did not finish")
        contents = {path: content for path, content in (OLD | NEW).items() if content is not None}
        made = {path: bytes.fromhex(value) for path, (value, _) in self.new.items() if value != "directory"}
        self._expect(made == contents, "an apply without a fault made the wrong tree")

    def kill_each_point(self) -> None:
        """Kill the apply before, and half-way through, every touch; then start again."""
        for point in range(self.points):
            for half in (False, True) if self.kinds[point] == "write" else (False,):
                self.stage.lay_out()
                code, _ = run(self.stage.apply, Fault(kill_at=point, half=half))
                self._expect(code == -signal.SIGKILL, f"point {point}: not killed but {code}")
                self._settle(f"kill at {point} half={half}")

    def kill_the_recovery(self) -> int:
        """Kill the apply at some points, then the recovery at each of its own points, then start again."""
        kills = 0
        for point in (self.points // 3, self.points - 2):
            for again in range(10_000):
                self.stage.lay_out()
                run(self.stage.apply, Fault(kill_at=point))
                code, _ = run(self.stage.recover, Fault(kill_at=again))
                self._settle(f"kill at {point}, recovery killed at {again}")
                if code == _FINISHED:
                    break
                kills += 1
        return kills

    def fail_each_point(self) -> int:
        """Let every touch fail once (disk full): the apply refuses and the tree is the old one."""
        refused = 0
        for point in range(self.points):
            self.stage.lay_out()
            code, _ = run(self.stage.apply, Fault(fail_at=point))
            tree = self.stage.snapshot()
            # A directory that cannot be synced is no failure: some file systems cannot do it at all.
            expected = {_REFUSED: self.old, _FINISHED: self.new}.get(code)
            self._expect(tree == expected, f"failure at {point}: exit {code}, tree {self._name(tree)}")
            self._expect(code == _FINISHED or not self.stage.leftovers(), f"failure at {point}: leftovers")
            refused += code == _REFUSED
        return refused

    def kill_the_rollback(self) -> int:
        """Let a late touch fail, kill the rollback at each of its points, then start again."""
        kills = 0
        for failing in (self.points // 2, self.points - 2):
            for point in range(failing + 1, 10_000):
                self.stage.lay_out()
                code, _ = run(self.stage.apply, Fault(fail_at=failing, kill_at=point))
                self._settle(f"failure at {failing}, killed at {point}")
                if code != -signal.SIGKILL:
                    break
                kills += 1
        return kills

    def _settle(self, what: str) -> None:
        code, _ = run(self.stage.recover, Fault())
        tree = self.stage.snapshot()
        name = self._name(tree)
        self._expect(code == _FINISHED, f"{what}: recovery ended with {code}")
        self._expect(name in self.results, f"{what}: the tree is neither old nor new")
        self._expect(not self.stage.leftovers(), f"{what}: left {self.stage.leftovers()}")
        self.results[name] = self.results.get(name, 0) + 1

    def _name(self, tree: Snapshot) -> str:
        return "old" if tree == self.old else "new" if tree == self.new else "mixed"

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.faults.append(otherwise)


def main(directory: str) -> None:
    experiment = Experiment(Path(directory).resolve() / "tree")
    experiment.kill_each_point()
    first = dict(experiment.results)
    report = {
        "points": experiment.points,
        "kinds": dict(Counter(experiment.kinds)),
        "old": first["old"],
        "new": first["new"],
        "recovery_kills": experiment.kill_the_recovery(),
        "failures": experiment.fail_each_point(),
        "rollback_kills": experiment.kill_the_rollback(),
        "mixed": experiment.results.get("mixed", 0),
        "faults": experiment.faults,
    }
    print(json.dumps(report))  # noqa: T201  # the answer of this program


if __name__ == "__main__":
    main(sys.argv[1])
