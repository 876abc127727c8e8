"""Answers for work already done: the passed result of a gate, addressed by everything that could change it.

Only `passed` is kept. A red result is worth running again, and an error or a gate that did not run says nothing
about the tree.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

from mcp_server.gates.gate import Gate
from mcp_server.gates.result import GateResult
from mcp_server.gates.toolchain import interpreter, versions
from mcp_server.workspace.files import newest_first, write_atomic
from mcp_server.workspace.workspace import Workspace

_FORMAT = 1
_KEPT = 24
"""Results kept per gate: enough to come back to a few branches, few enough to stay small."""

_KIT = Path(__file__).parent.parent


def key_of(gate: Gate, workspace: Workspace, hashes: Mapping[str, str]) -> str:
    """Return the address of the gate's result for these input `hashes` (path to content hash): 64 hex digits."""
    parts = {
        "format": _FORMAT,
        "gate": gate.id,
        "source": source_hash(gate),
        "inputs": dict(hashes),
        "tools": versions(workspace.python, gate.tools),
        "interpreter": interpreter(workspace.python),
        "platform": sys.platform,
        "facts": dict(gate.facts(workspace)),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Cache:
    """The kept results of one workspace, under its scratch directory."""

    def __init__(self, workspace: Workspace) -> None:
        self._folder = workspace.scratch / "gate-cache"
        self._root = workspace.root

    def get(self, gate: Gate, key: str) -> GateResult | None:
        """Return the kept result, None when there is none or it cannot be read."""
        try:
            entry = json.loads((self._folder / gate.id / f"{key}.json").read_bytes())
            if not (self._root / entry["log"]).is_file():
                entry["log"] = ""  # its run is no longer stored
            return GateResult(**entry, cached=True, group=gate.group, title=gate.title)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def put(self, gate: Gate, key: str, result: GateResult) -> None:
        """Keep a passed result. Anything else is not kept."""
        if result.status != "passed":
            return
        folder = self._folder / gate.id
        folder.mkdir(parents=True, exist_ok=True)
        entry = asdict(replace(result, findings=()))
        for name in ("findings", "cached", "group", "title"):
            del entry[name]
        write_atomic(folder / f"{key}.json", json.dumps(entry).encode(), durable=False)
        for old in newest_first(folder, "*.json")[_KEPT:]:
            old.unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget every result."""
        for entry in self._folder.glob("*/*.json"):
            entry.unlink(missing_ok=True)


@cache
def source_hash(gate: Gate) -> str:
    """Hash the code that makes up a gate: its module, the shared parts of `gates`, `workspace` and its engines.

    Computed once per process: it names the code this process loaded, not what lies on the disk since.
    """
    digest = hashlib.sha256()
    for path in source_files(gate):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def source_files(gate: Gate) -> tuple[Path, ...]:
    """Return the files that `source_hash` covers, sorted."""
    module = Path(gate.run.__code__.co_filename) if hasattr(gate.run, "__code__") else None
    found = {module} if module else set()
    found.update((_KIT / "gates").glob("*.py"))
    for package in ("gates.tools", "workspace", *gate.engines):
        path = _KIT.joinpath(*package.split("."))
        found.update(path.rglob("*") if path.is_dir() else [path.with_suffix(".py")])
    return tuple(sorted(path for path in found if path.is_file() and path.suffix != ".pyc"))
