"""Python source as the workspace's own formatter leaves it."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from mcp_server.workspace import process
from mcp_server.workspace.errors import KitError, Problem
from mcp_server.workspace.workspace import Workspace

_SECONDS = 30
_ONE_THREAD = {"RAYON_NUM_THREADS": "1"}
"""Ruff formats the files of a feature in the time that it takes to start more threads."""
_MEMORY = Path("/dev/shm")  # noqa: S108  # only a folder of our own in it is used


async def format_sources(workspace: Workspace, files: Mapping[str, str]) -> dict[str, str]:
    """The files (path to text) formatted by the ruff of the workspace, with its settings; one process for all of them.

    Raises KitError KIT510 where a file is not Python or ruff cannot run: both are defects of the kit or its set-up.
    """
    python = [path for path in files if path.endswith(".py")]
    ruff = workspace.python.with_name("ruff")
    # In memory where that can be: a disk remembers files that were deleted just now, and makes new ones the slower for it.
    place = _MEMORY if os.access(_MEMORY, os.W_OK | os.X_OK) else workspace.scratch
    with tempfile.TemporaryDirectory(prefix="kit-format-", dir=place) as name:
        copies = {path: Path(name, f"{number}.py") for number, path in enumerate(python)}
        for path, copy in copies.items():
            copy.write_bytes(files[path].encode())
        config = workspace.root / "pyproject.toml"
        command: list[str | Path] = [
            ruff,
            "format",
            "--quiet",
            "--no-cache",
            "--no-respect-gitignore",
            "--config",
            config,
            ".",
        ]
        done = await process.run(command, cwd=Path(name), timeout=_SECONDS, env=_ONE_THREAD)
        if done.exit_code != 0:
            reason = f"the formatter stopped with exit code {done.exit_code}: {done.stderr.strip()[:300]}"
            raise KitError(Problem("KIT510", ", ".join(python), reason, "Run `make setup`, then try again"))
        # As bytes: lines may end as on Windows.
        return {**files, **{path: copy.read_bytes().decode() for path, copy in copies.items()}}


async def format_alike(workspace: Workspace, merged: Mapping[str, str]) -> dict[str, str]:
    """The next text of files, formatted where the file is so now: layout that somebody made by hand stays.

    Raises what `format_sources` raises.
    """
    if not merged:
        return {}
    both = {f"now/{path}": workspace.text(path) for path in merged}
    both |= {f"next/{path}": text for path, text in merged.items()}
    formatted = await format_sources(workspace, both)
    return {
        path: formatted[f"next/{path}"] if formatted[f"now/{path}"] == both[f"now/{path}"] else text
        for path, text in merged.items()
    }
