"""The root and its borders: where a workspace is found, which paths stay inside, which files belong to it."""

import os
import sys
from pathlib import Path

import pytest

from mcp_server.workspace import git as git_room
from mcp_server.workspace.errors import InvalidInput
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.workspace.conftest import PYPROJECT, git, write


def test_the_nearest_workspace_above_wins(root: Path) -> None:
    write(root, "inner/pyproject.toml", PYPROJECT)
    write(root, "plain/pyproject.toml", "[project]\nname = 'no workspace'\n")
    (root / "plain/deep").mkdir()
    (root / "inner/deep").mkdir()
    assert Workspace.open(root / "plain/deep").root == root
    assert Workspace.open(root / "inner/deep").root == root / "inner"


def test_the_current_directory_is_the_default(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "app")
    assert Workspace.open().root == root


def test_kit_root_wins_and_is_not_searched_upwards(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIT_ROOT", str(root))
    assert Workspace.open(tmp_path).root == root
    monkeypatch.setenv("KIT_ROOT", str(root / "app"))
    with pytest.raises(InvalidInput, match="WS001"):
        Workspace.open(root)


def test_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        Workspace.open(tmp_path)
    [problem] = caught.value.problems
    assert (problem.code, problem.place) == ("WS001", str(tmp_path))
    assert "KIT_ROOT" in problem.hint


def test_the_root_has_no_links_in_it(root: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(root)
    assert Workspace.open(tmp_path / "alias").root == root


@pytest.mark.parametrize(
    "path", ["app/value.py", "app/new/deep.py", "app", "..hidden/x", "a..b", "app/./value.py"]
)
def test_paths_inside(workspace: Workspace, path: str) -> None:
    assert workspace.confine(path) == workspace.root / path


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../x",
        "app/../../x",
        "app/../app/value.py",
        "/etc/passwd",
        "//host/x",
        "C:\\x",
        "C:x",
        "a\\b",
        "\\x",
        "",
        ".",
        "a\0b",
    ],
)
def test_paths_that_lead_out(workspace: Workspace, path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        workspace.confine(path)
    [problem] = caught.value.problems
    assert (problem.code, problem.place) == ("WS002", path or "(empty)")
    assert problem.reason
    assert problem.hint


def test_links_may_stay_inside_and_not_lead_out(workspace: Workspace, tmp_path: Path) -> None:
    outside = write(tmp_path, "outside/secret.txt", "secret")
    (workspace.root / "inside").symlink_to("app")
    (workspace.root / "file").symlink_to(outside)
    (workspace.root / "directory").symlink_to(outside.parent)
    (workspace.root / "chain").symlink_to("directory")
    (workspace.root / "dangling").symlink_to(tmp_path / "nothing")
    (workspace.root / "loop").symlink_to("loop")

    assert workspace.read("inside/value.py") == b"VALUE = 1\n"
    for path in (
        "file",
        "directory/secret.txt",
        "directory/new.txt",
        "chain/secret.txt",
        "dangling",
        "loop",
        "loop/x",
    ):
        with pytest.raises(InvalidInput, match="WS002"):
            workspace.read(path)


def test_reading(workspace: Workspace) -> None:
    assert workspace.text("app/value.py") == "VALUE = 1\n"
    assert workspace.read("app/missing.py") is None
    assert workspace.read("app") is None
    assert workspace.read("app/value.py/x") is None
    with pytest.raises(InvalidInput, match=r"WS004 at app/missing\.py"):
        workspace.text("app/missing.py")
    (workspace.root / "latin.txt").write_bytes(b"\xe4")
    with pytest.raises(InvalidInput, match=r"WS005 at latin\.txt"):
        workspace.text("latin.txt")


def test_files_are_what_git_tracks_or_would_track(repository: Workspace) -> None:
    root = repository.root
    write(root, "untracked ä.py", "")
    write(root, "x.log", "")
    write(root, "ignored/x.py", "")
    (root / "app/value.py").unlink()
    (root / "link.py").symlink_to("app/__init__.py")
    os.mkfifo(root / "pipe")
    _ = repository.scratch

    assert repository.files() == [
        ".gitignore",
        "app/__init__.py",
        "link.py",
        "pyproject.toml",
        "untracked ä.py",
    ]


def test_files_by_pattern(repository: Workspace) -> None:
    write(repository.root, "app/api/v1/users.py", "")
    assert repository.files("app/**/*.py") == ["app/__init__.py", "app/api/v1/users.py", "app/value.py"]
    assert repository.files("*.toml", "app/api/**") == ["app/api/v1/users.py", "pyproject.toml"]
    assert repository.files("app/*.py") == ["app/__init__.py", "app/value.py"]
    assert repository.files("app/valu?.py", "*.py") == ["app/value.py"]
    assert repository.files("nothing/**") == []


def test_source_files_are_those_that_are_there(workspace: Workspace, tmp_path: Path) -> None:
    write(workspace.root, "app/api/v1/users.py", "")
    write(workspace.root, "app/api/v1/.hidden.py", "")
    write(tmp_path, "elsewhere/far.py", "")
    (workspace.root / "app/loop").symlink_to(workspace.root / "app")
    (workspace.root / "app/far").symlink_to(tmp_path / "elsewhere")
    (workspace.root / "app/link.py").symlink_to("value.py")
    (workspace.root / "app/dangling.py").symlink_to("nowhere.py")
    (workspace.root / "app/folder.py").mkdir()
    here, deep = ["app/__init__.py", "app/link.py", "app/value.py"], "app/api/v1/users.py"
    assert workspace.source_files("app/*.py") == here
    assert workspace.source_files("app/**/*.py", "app/*.py") == sorted([*here, deep, "app/api/v1/.hidden.py"])
    assert workspace.source_files("app/*/v1/users.py") == [deep]
    assert workspace.source_files("app/*/far.py") == ["app/far/far.py"]
    assert workspace.source_files("nothing/*.py", "pyproject.toml/*.py") == []
    assert workspace.source_files("pyproject.toml", "app", "app/value.py") == [
        "app/value.py",
        "pyproject.toml",
    ]


def test_files_without_git_leave_out_the_usual_debris(workspace: Workspace) -> None:
    debris = [
        ".venv/x.py",
        "app/__pycache__/x.pyc",
        "node_modules/x.js",
        "app.db",
        "app.db-wal",
        ".env",
        "a.egg-info/x",
    ]
    for path in [*debris, ".mypy_cache/x", "build/x", ".kit/history/x", ".kit/ledger/x.json"]:
        write(workspace.root, path, "")
    _ = workspace.scratch
    assert workspace.files() == [".kit/ledger/x.json", "app/__init__.py", "app/value.py", "pyproject.toml"]


def test_a_copy_inside_an_ignored_directory_still_has_its_files(repository: Workspace) -> None:
    write(repository.root, "ignored/copy/pyproject.toml", PYPROJECT)
    write(repository.root, "ignored/copy/app/x.py", "")
    copy = Workspace.open(repository.root / "ignored/copy")
    assert copy.files() == ["app/x.py", "pyproject.toml"]


def test_a_workspace_in_a_subdirectory_of_a_repository(repository: Workspace) -> None:
    write(repository.root, "service/pyproject.toml", PYPROJECT)
    write(repository.root, "service/x.log", "")
    service = Workspace.open(repository.root / "service")
    assert service.files() == ["pyproject.toml"]
    assert git_room.facts(service.root).branch == "main"


def test_a_git_hook_of_another_repository_does_not_mislead(
    repository: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository.root, "tracked.log", "")
    git(
        repository.root, "add", "-f", "tracked.log"
    )  # only the right index knows that this ignored file counts
    before = repository.files()
    assert "tracked.log" in before
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    assert repository.files() == before


def test_scratch_is_never_committed(repository: Workspace) -> None:
    write(repository.scratch, "x", "")
    assert repository.scratch == repository.root / ".kit/scratch"
    assert git(repository.root, "status", "--porcelain") == ""


def test_facts_follow_git(repository: Workspace, tmp_path: Path) -> None:
    root = repository.root
    commit = git(root, "rev-parse", "HEAD")
    assert git_room.facts(root) == git_room.GitFacts("main", commit, root / ".git")

    git(root, "pack-refs", "--all")
    assert git_room.facts(root).commit == commit
    git(root, "switch", "-q", "-c", "feature/deep/name")
    assert git_room.facts(root / "app").branch == "feature/deep/name"
    git(root, "switch", "-q", "--detach")
    assert git_room.facts(root) == git_room.GitFacts(None, commit, root / ".git")
    git(root, "switch", "-q", "--orphan", "empty")
    assert git_room.facts(root) == git_room.GitFacts("empty", None, root / ".git")
    assert git_room.facts(tmp_path) == git_room.GitFacts(None, None, None)


def test_a_worktree_shares_the_repository_and_its_interpreter(repository: Workspace, tmp_path: Path) -> None:
    main, other = repository.root, tmp_path.resolve() / "other"
    git(main, "worktree", "add", "-q", "-b", "side", str(other))
    commit = git(main, "rev-parse", "HEAD")
    assert git_room.facts(other) == git_room.GitFacts("side", commit, main / ".git")

    worktree = Workspace.open(other)
    assert worktree.python == Path(sys.executable)
    (main / ".venv/bin").mkdir(parents=True)
    (main / ".venv/bin/python").symlink_to(sys.executable)
    assert Workspace.open(other).python == main / ".venv/bin/python"
    assert Workspace.open(main).python == main / ".venv/bin/python"
    assert worktree.scratch != repository.scratch
    (other / ".venv/bin").mkdir(parents=True)
    (other / ".venv/bin/python").symlink_to(sys.executable)
    assert Workspace.open(other).python == other / ".venv/bin/python"
