"""A workspace in a git repository of its own, and a way to wait for other processes without sleeping."""

import asyncio
import os
import select
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcp_server.workspace.workspace import Workspace

SECONDS = 20.0
"""How long a test waits for another process before it calls that a failure."""

PYPROJECT = '[project]\nname = "probe"\n[tool.fastapi-agent-kit]\nlayout = "layered"\n'


@pytest.fixture(autouse=True)
def _no_outer_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KIT_ROOT", raising=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A directory that is a workspace, without git."""
    root = tmp_path.resolve() / "workspace"
    write(root, "pyproject.toml", PYPROJECT)
    write(root, "app/__init__.py", "")
    write(root, "app/value.py", "VALUE = 1\n")
    return root


@pytest.fixture
def workspace(root: Path) -> Workspace:
    """The same, opened."""
    return Workspace.open(root)


@pytest.fixture
def repository(root: Path) -> Workspace:
    """The same in a git repository with one commit and an ignore file."""
    write(root, ".gitignore", "*.log\n/ignored/\n.venv\n")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "start")
    return Workspace.open(root)


def write(root: Path, path: str, text: str) -> Path:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return target


def git(root: Path, *arguments: str) -> str:
    who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True, text=True)  # noqa: S603, S607
    return done.stdout.strip()


class Mailbox:
    """A named pipe into which other processes write lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        # Open for both directions: neither side waits for the other, and the end of one writer is not the end.
        self._descriptor = os.open(path, os.O_RDWR)
        self._rest = b""

    def read_line(self) -> str:
        """The next line; fails when none comes."""
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self._descriptor], [], [], SECONDS)
            assert ready, f"nobody wrote to {self.path.name}"
            self._rest += os.read(self._descriptor, 4096)
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()

    async def line(self) -> str:
        """The same without blocking the loop."""
        return await asyncio.to_thread(self.read_line)

    def close(self) -> None:
        os.close(self._descriptor)


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    box = Mailbox(tmp_path / "mailbox")
    yield box
    box.close()


def is_gone(pid: int) -> bool:
    """Whether the process ends within the time a test waits, or has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        ended, _, _ = select.select([descriptor], [], [], SECONDS)
        return bool(ended)
    finally:
        os.close(descriptor)
