"""What happens when git does not answer, or has been told to do more than usual."""

from pathlib import Path

import pytest

from demo.scratch import copy_workspace
from mcp_server.workspace import git
from mcp_server.workspace.errors import KitError
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.workspace.conftest import write


def test_a_git_that_hangs_is_given_up(
    repository: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = tmp_path / "bin" / "git"
    hanging.parent.mkdir()
    hanging.write_text("#!/bin/sh\nexec sleep 60\n")
    hanging.chmod(0o755)
    monkeypatch.setenv("PATH", str(hanging.parent), prepend=":")
    monkeypatch.setattr(git, "_PATIENCE_SECONDS", 0.2)
    with pytest.raises(KitError) as refusal:
        git.listed_files(repository.root)
    assert [problem.code for problem in refusal.value.problems] == ["WS023"]


DEMANDING = """
[commit]
    gpgsign = true
[gpg]
    program = /bin/false
[user]
    useConfigOnly = true
[init]
    defaultBranch = trunk
[core]
    hooksPath = {hooks}
    excludesFile = {ignored}
"""


@pytest.fixture
def demanding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of a user who signs, checks every commit and ignores logs everywhere."""
    hooks, ignored, settings = tmp_path / "hooks", tmp_path / "ignored", tmp_path / "settings"
    hooks.mkdir()
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (hooks / "pre-commit").chmod(0o755)
    ignored.write_text("*.txt\n")
    settings.write_text(DEMANDING.format(hooks=hooks, ignored=ignored))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))


def test_settings_of_the_user_count(repository: Workspace, request: pytest.FixtureRequest) -> None:
    write(repository.root, "notes.txt", "")
    assert "notes.txt" in repository.files()
    request.getfixturevalue("demanding")
    assert "notes.txt" not in repository.files()


@pytest.mark.usefixtures("demanding")
def test_a_scratch_copy_needs_neither_signature_nor_hook(root: Path, tmp_path: Path) -> None:
    copy = tmp_path.resolve() / "copy"
    copy_workspace(root, copy)
    facts = git.facts(copy)
    assert (facts.branch, facts.commit is None) == ("main", False)
