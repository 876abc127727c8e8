"""What differs from the last commit, also where a hook of git asks."""
# ruff: noqa: S603, S607 - the tests start git

import subprocess
from pathlib import Path

import pytest

from mcp_server.operations.changed_files import changed_files
from mcp_server.workspace.errors import InvalidInput
from mcp_server.workspace.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A folder of a repository with a workspace in it, in which nothing is committed yet."""
    root = tmp_path / "shop" / "backend"
    root.mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.fastapi-agent-kit]\n")
    for name in ("edited.py", "staged.py", "gone.py", "same.py"):
        (root / name).write_text("x = 1\n")
    (root.parent / "beside.py").write_text("x = 1\n")
    git(root.parent, "init", "-q")
    return Workspace.open(root)


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True)


def change(workspace: Workspace) -> None:
    root = workspace.root
    git(root.parent, "add", ".")
    git(root.parent, "commit", "-q", "-m", "all")
    for path in (root / "edited.py", root / "staged.py", root / "a new one.py", root.parent / "beside.py"):
        path.write_text("x = 2\n")
    git(root, "add", "staged.py")
    (root / "gone.py").unlink()


async def test_edited_staged_new_and_deleted_files_of_the_workspace(workspace: Workspace) -> None:
    change(workspace)
    assert await changed_files(workspace) == {"edited.py", "staged.py", "gone.py", "a new one.py"}


async def test_a_hook_of_another_repository_changes_nothing(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(workspace)
    found = await changed_files(workspace)
    git(tmp_path, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / ".git"))
    assert await changed_files(workspace) == found


async def test_without_a_commit_there_is_nothing_to_compare_with(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput, match="GIT001"):
        await changed_files(workspace)
