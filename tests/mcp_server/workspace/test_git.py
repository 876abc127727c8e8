"""What happens when git itself does not answer."""

from pathlib import Path

import pytest

from mcp_server.workspace import git
from mcp_server.workspace.errors import KitError
from mcp_server.workspace.workspace import Workspace


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
