"""Runs the kit of the checkout one stands in, not the one whose environment happens to be active."""

import os
import sys
from pathlib import Path

_PACKAGE = Path(__file__).parents[2]


def change_to_own_code() -> None:
    """Start again with the code of the surrounding checkout where that is another one, as in a git worktree.

    A worktree borrows the environment of the main checkout, whose `kit` would otherwise judge the worktree's files by
    the main checkout's rules.
    """
    start = Path(os.environ.get("KIT_ROOT") or Path.cwd()).resolve()
    for root in (start, *start.parents):
        if (root / "mcp_server" / "adapters" / "cli").is_dir() and (root / "pyproject.toml").is_file():
            if not (root / _PACKAGE.name).samefile(_PACKAGE):
                path = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
                command = [sys.executable, "-m", "mcp_server.adapters.cli.main", *sys.argv[1:]]
                os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": path})  # noqa: S606 - no shell wanted
            return
