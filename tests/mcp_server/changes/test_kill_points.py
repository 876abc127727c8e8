"""All or nothing: a process killed anywhere in an apply leaves the old tree or the new one after the next start."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
MEMORY = Path("/dev/shm")  # noqa: S108  # thousands of syncs cost nothing there; a killed process is killed all the same


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(dir=MEMORY)) if MEMORY.is_dir() else tmp_path
    yield path
    shutil.rmtree(path)


def test_kill_at_every_touch_of_the_disk(stage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-m", "tests.mcp_server.changes.kill_points", str(stage)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)

    with capsys.disabled():
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(report["kinds"].items()))
        print(  # noqa: T201
            f"\n{report['points']} kill points in one apply ({kinds}): {report['old']} ended old, {report['new']} new;"
            f" {report['recovery_kills']} kills inside recovery; {report['failures']} disk failures refused;"
            f" {report['rollback_kills']} kills inside rollback"
        )
    assert report["faults"] == []
    assert {"write", "fsync", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "open"} <= report[
        "kinds"
    ].keys()
    writes = report["kinds"]["write"]
    assert report["old"] + report["new"] == report["points"] + writes, "each point, and each write half done"
    assert min(report["old"], report["new"], report["failures"]) > 5
    assert min(report["recovery_kills"], report["rollback_kills"]) > 20
