"""Starts the command as a user does."""
# ruff: noqa: S603 - that is what it is for

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.mcp_server.adapters.conftest import ENVIRONMENT


def kit(root: Path, *arguments: str, text: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """The installed `kit`, run in `root`."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(root), "COLUMNS": "200", **env}
    return subprocess.run(
        [ENVIRONMENT / "bin" / "kit", *arguments],
        cwd=root, input=text, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip


def kit_json(root: Path, *arguments: str, exit_code: int = 0, text: str = "") -> dict[str, Any]:
    done = kit(root, *arguments, "--json", text=text)
    assert done.returncode == exit_code, done.stdout + done.stderr
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts
