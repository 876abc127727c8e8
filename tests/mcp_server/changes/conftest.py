"""A small workspace without git, to change files in."""

from pathlib import Path

import pytest

from mcp_server.workspace.config import KitConfig
from mcp_server.workspace.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path / "tree"
    (root / "app").mkdir(parents=True)
    (root / "app/user.py").write_bytes(b"class User: ...\n")
    (root / "notes.txt").write_bytes(b"notes\n")
    return Workspace(root.resolve(), KitConfig())
