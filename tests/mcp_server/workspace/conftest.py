"""A workspace in a git repository of its own."""

import subprocess
from pathlib import Path

import pytest

from mcp_server.workspace.workspace import Workspace

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
    who = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    done = subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True, text=True)  # noqa: S603, S607
    return done.stdout.strip()
