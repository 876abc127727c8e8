"""A process killed anywhere in extend, remove or undo leaves the old tree or the new one after the next start."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mcp_server.operations.context import Context
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.changes.test_kill_points import MEMORY, REPOSITORY
from tests.mcp_server.operations.changes import CHANGES, SUPPLIER, do


@pytest.fixture
def stage(pristine: Path, tmp_path: Path) -> Iterator[Path]:
    """A workspace on a disk that syncs at no cost; a killed process is killed all the same."""
    folder = Path(tempfile.mkdtemp(dir=MEMORY)) if MEMORY.is_dir() else tmp_path
    shutil.copytree(pristine, folder / "workspace", symlinks=True)
    yield folder / "workspace"
    shutil.rmtree(folder)


@pytest.mark.parametrize("change", CHANGES)
async def test_kill_at_every_touch_of_the_disk(
    stage: Path, capsys: pytest.CaptureFixture[str], change: str
) -> None:
    workspace = Workspace.open(stage)
    await do(Context(workspace, WarmChild(workspace)), "scaffold_feature", **SUPPLIER)
    report = _killed(stage, *CHANGES[change])
    with capsys.disabled():
        print(  # noqa: T201 -- the figure is part of the promise
            f"\n{change}: {report['points']} kill points, {report['killed']} killed: {report['old']} ended old, "
            f"{report['new']} new"
        )
    assert report["faults"] == []
    assert min(report["old"], report["new"]) > 3


def _killed(stage: Path, operation: str, arguments: Any) -> dict[str, Any]:
    module = "tests.mcp_server.operations.kill_changes"
    command = [sys.executable, "-m", module, str(stage), operation, json.dumps(dict(arguments))]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=550)  # noqa: S603
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report
