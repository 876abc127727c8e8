"""A scratch copy of the workspace: the files git knows, the same environment, its own database."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mcp_server.workspace.listing import list_files
from mcp_server.workspace.workspace import Workspace

LEFT_OUT = "tests/mcp_server/"
"""The kit's own tests prove the kit, not the service; the agent in the story works on the service."""


@contextmanager
def scratch_workspace(root: Path) -> Iterator[Path]:
    with TemporaryDirectory(prefix="kit-demo-") as name:
        copy = Path(name).resolve() / "workspace"
        copy_workspace(root, copy, left_out=LEFT_OUT)
        yield copy


def copy_workspace(root: Path, copy: Path, *, left_out: str | None = None) -> None:
    """Copy the files git knows or would know into a new repository, and link the environment in."""
    for path in list_files(root):
        if left_out is None or not path.startswith(left_out):
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / path, copy / path)
    (copy / ".venv").symlink_to(Workspace.open(root).python.parent.parent.resolve())
    _git(copy, "init", "--quiet", "--initial-branch", "main")
    _git(copy, "add", "--all")
    who = ("-c", "user.name=Demo", "-c", "user.email=demo@example.org")
    # Whatever the user's settings ask for.
    plain = ("-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null")
    _git(copy, *who, *plain, "commit", "--quiet", "-m", "Start")


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)  # noqa: S603, S607
