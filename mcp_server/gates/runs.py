"""The stored runs: a folder per run with the full logs and the report, so that a run id can be read again later."""

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

from mcp_server.gates.result import Report, read_report
from mcp_server.workspace.errors import InvalidInput, Problem
from mcp_server.workspace.files import write_atomic
from mcp_server.workspace.workspace import Workspace

_KEPT = 20
_RUN_ID = re.compile(r"^\d{8}-\d{6}-\d{6}$")
_LOG_LIMIT = 4_000_000
"""Characters of one log that are kept; the middle of a longer one is left out."""


class RunFolder:
    """Where one run writes."""

    def __init__(self, workspace: Workspace) -> None:
        self._root = workspace.root
        home = _home(workspace)
        home.mkdir(parents=True, exist_ok=True)
        while True:
            # Ids sort by time, to the microsecond: the newest run is the last one.
            self.started = datetime.now(UTC)
            self.id = f"{self.started:%Y%m%d-%H%M%S-%f}"
            self.path = home / self.id
            try:
                self.path.mkdir()
            except FileExistsError:
                continue
            break

    def gate_folder(self, gate: str) -> Path:
        """Create and return the directory for the data of one gate's tool."""
        folder = self.path / gate
        folder.mkdir(exist_ok=True)
        return folder

    def write_log(self, gate: str, text: str) -> str:
        """Store a gate's full output and return its path relative to the root; an empty output stores nothing."""
        if not text.strip():
            return ""
        if len(text) > _LOG_LIMIT:
            half = _LOG_LIMIT // 2
            text = f"{text[:half]}\n... {len(text) - _LOG_LIMIT} characters left out ...\n{text[-half:]}"
        path = self.path / f"{gate}.log"
        write_atomic(path, text.encode("utf-8", "replace"), durable=False)
        return path.relative_to(self._root).as_posix()

    def write_report(self, report: Report) -> None:
        """Store the report beside the logs and forget the oldest runs."""
        write_atomic(self.path / "report.json", json.dumps(report.to_document()).encode(), durable=False)
        runs = sorted((path for path in self.path.parent.iterdir() if _RUN_ID.match(path.name)), reverse=True)
        for old in runs[_KEPT:]:
            shutil.rmtree(old, ignore_errors=True)


def find_report(workspace: Workspace, run: str | None = None) -> Report | None:
    """Return the report of `run`, of the newest finished run when it is None; None when there is none yet.

    Raises InvalidInput GATE002 for an id that is malformed or whose run is not stored.
    """
    if run is None:
        stored = sorted(_home(workspace).glob("*/report.json"), reverse=True)
        return read_report(json.loads(stored[0].read_bytes())) if stored else None
    return read_report(json.loads(_stored(workspace, run, "report.json").read_bytes()))


def read_log(workspace: Workspace, run: str, gate: str) -> str:
    """Return the full output of a gate in a run.

    Raises InvalidInput GATE002 when the run is not stored or the gate wrote no log in it.
    """
    return _stored(workspace, run, f"{gate}.log").read_text("utf-8")


def _stored(workspace: Workspace, run: str, name: str) -> Path:
    path = _home(workspace) / run / name
    if _RUN_ID.match(run) and re.fullmatch(r"[a-z0-9.-]+", name) and path.is_file():
        return path
    raise InvalidInput(
        Problem(
            "GATE002",
            "run",
            f"run {run!r} has no stored {name!r}",
            "Run the gates again; old runs are dropped.",
        )
    )


def _home(workspace: Workspace) -> Path:
    return workspace.scratch / "gates"
