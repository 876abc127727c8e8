"""Which files belong to a workspace: those git tracks or would track; without git, a walk that skips the usual debris."""

import os
import stat
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mcp_server.workspace import git

PRIVATE = (".kit/scratch/", ".kit/history/")
"""The kit's own working files, never part of the tree, whatever `.gitignore` says."""

_LISTED = (stat.S_IFREG, stat.S_IFLNK)
_SKIPPED_DIRECTORIES = frozenset(
    [
        ".git",
        ".hg",
        ".venv",
        "venv",
        ".tools",
        "node_modules",
        "__pycache__",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
        ".import_linter_cache",
        ".tox",
        ".nox",
        ".idea",
        "build",
        "dist",
        "htmlcov",
    ]
)
_SKIPPED_SUFFIXES = (".pyc", ".pyo", ".db", ".db-shm", ".db-wal", ".egg-info", ".swp", "~")
_SKIPPED_NAMES = frozenset({".env", ".coverage", ".DS_Store"})


def list_files(root: Path) -> list[str]:
    """Sorted relative POSIX paths of the files (and links) that exist now and belong to the workspace."""
    return [path for path, _ in list_with_stat(root)]


def list_with_stat(root: Path, expected: Iterable[str] = ()) -> list[tuple[str, os.stat_result]]:
    """The same, each with its own `lstat`, so that callers need no second look at the disk.

    The `expected` paths are looked at while git is asked, which takes about as long.
    """
    with ThreadPoolExecutor(1) as asking:
        answer = asking.submit(git.listed_files, root)
        seen = _looks(root, expected)
        listed = answer.result()
    names = [
        name for name in sorted(_walk(root) if listed is None else listed) if not name.startswith(PRIVATE)
    ]
    seen |= _looks(root, (name for name in names if name not in seen))
    return [(name, seen[name]) for name in names if name in seen]


def _looks(root: Path, names: Iterable[str]) -> dict[str, os.stat_result]:
    """The `lstat` of each file or link; what is neither, or tracked but deleted from the working tree, is left out."""
    found = {}
    prefix = f"{root}{os.sep}"
    for name in names:
        try:
            status = os.lstat(prefix + name)
        except OSError:
            continue
        if stat.S_IFMT(status.st_mode) in _LISTED:
            found[name] = status
    return found


def _walk(root: Path) -> Iterator[str]:
    for directory, subdirectories, files in os.walk(root):
        subdirectories[:] = [
            name
            for name in subdirectories
            if name not in _SKIPPED_DIRECTORIES and not name.endswith(".egg-info")
        ]
        relative = Path(directory).relative_to(root)
        for name in files:
            if name not in _SKIPPED_NAMES and not name.endswith(_SKIPPED_SUFFIXES):
                yield (relative / name).as_posix()
