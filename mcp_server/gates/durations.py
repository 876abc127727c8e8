"""How long each gate took last time, so that the longest starts first."""

import json
from collections.abc import Mapping

from mcp_server.workspace.files import write_atomic
from mcp_server.workspace.workspace import Workspace


def read(workspace: Workspace) -> dict[str, float]:
    """Map gate ids to seconds; empty when nothing ran yet."""
    try:
        stored = json.loads((workspace.scratch / "gate-durations.json").read_bytes())
        return {str(gate): float(seconds) for gate, seconds in stored.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def write(workspace: Workspace, measured: Mapping[str, float]) -> None:
    """Remember the seconds just measured beside those of gates that did not run."""
    known = {**read(workspace), **measured}
    write_atomic(workspace.scratch / "gate-durations.json", json.dumps(known).encode(), durable=False)
