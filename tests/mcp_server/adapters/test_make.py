"""`make setup`, with a stand-in for uv that installs nothing."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
UV = """#!/bin/sh
echo "$*" >> "$CALLS"
if [ "$1" = venv ]; then mkdir -p .venv/bin && cp "$0" .venv/bin/python; fi
"""


def test_the_environment_may_lie_in_a_folder_with_a_blank_in_its_name(tmp_path: Path) -> None:
    root, tools, calls = tmp_path / "my projects", tmp_path / "bin", tmp_path / "calls"
    root.mkdir()
    tools.mkdir()
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, root)
    (tools / "uv").write_text(UV)
    (tools / "uv").chmod(0o700)
    env = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "CALLS": str(calls)}
    done = subprocess.run(["make", "setup"], cwd=root, env=env, capture_output=True, text=True, check=False)  # noqa: S607
    assert done.returncode == 0, done.stderr
    made, *installed = calls.read_text().splitlines()
    assert made.startswith("venv ")
    assert ["--python .venv/bin/python " in call for call in installed] == [True, True]
