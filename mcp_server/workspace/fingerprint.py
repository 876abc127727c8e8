"""The content of the workspace as hashes. Files that cannot have changed since they were hashed are not read again.

A file is trusted by its size, inode, modification and change time, except while it is "racily clean": hashed so soon
after its last change that a second edit could carry the same times. The change time cannot be set by a program, so
tools that restore modification times do not deceive it.
"""

import os
import stat
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from mcp_server.workspace.files import write_atomic
from mcp_server.workspace.globs import matcher
from mcp_server.workspace.listing import list_with_stat
from mcp_server.workspace.workspace import Workspace

_DIGITS: Final = 64
"""Of a hash. It is stored before the times, so that an entry that lost its end has no times and is not believed."""
_WORTH_STORING: Final = 1 / 64
"""Storing all files costs as much as hashing about this share of them again."""
# File times tick with the kernel (up to 10 ms); file systems without fractions of a second tick every one or two.
_FINE_TICK_NS: Final = 50_000_000
_COARSE_TICK_NS: Final = 2_500_000_000


def tree_hash(workspace: Workspace) -> str:
    """12 hexadecimal digits that change with any name or content of `workspace.files()`."""
    lines = (f"{path}\0{value}\n" for path, value in hashes(workspace, ()).items())
    return sha256("".join(lines).encode(errors="surrogateescape")).hexdigest()[:12]


def hashes(workspace: Workspace, globs: Iterable[str]) -> dict[str, str]:
    """SHA-256 of each file that matches one of `globs` (none: every file), in path order; of a link, its target."""
    store = workspace.scratch / "hashes"
    known = _load(store)
    fresh: dict[str, str] = {}
    result: dict[str, str] = {}
    matches = matcher(globs)
    listing = list_with_stat(workspace.root, expected=known)
    for path, status in listing:
        if not matches(path):
            continue
        state = _state(status)
        entry = known.get(path, "")
        if entry[_DIGITS:] == state:
            result[path] = entry[:_DIGITS]
            continue
        looked_at = time.time_ns()
        value = _hash(workspace.root / path, status)
        if value is None:
            continue  # deleted between the listing and now
        result[path] = value
        if _settled(status, looked_at):
            fresh[path] = value + state
    gone = known.keys() - {path for path, _ in listing}
    if len(fresh) + len(gone) > len(known) * _WORTH_STORING:
        _save(store, {path: entry for path, entry in (known | fresh).items() if path not in gone})
    return result


def _state(status: os.stat_result) -> str:
    return f" {status.st_size} {status.st_ino} {status.st_mtime_ns} {status.st_ctime_ns}"


def _settled(status: os.stat_result, looked_at: int) -> bool:
    """Whether an edit made after `looked_at` is certain to change the times of the file."""
    changed = status.st_ctime_ns
    tick = _COARSE_TICK_NS if changed % 1_000_000_000 == 0 else _FINE_TICK_NS
    return changed + tick < looked_at


def _hash(path: Path, status: os.stat_result) -> str | None:
    try:
        data = os.fsencode(path.readlink()) if stat.S_ISLNK(status.st_mode) else path.read_bytes()
    except OSError:
        return None
    return sha256(data).hexdigest()


def _load(store: Path) -> dict[str, str]:
    """The stored entries, hash and state of each path; an unreadable store is only a slow start."""
    try:
        parts = os.fsdecode(store.read_bytes()).split("\0")
    except OSError:
        return {}
    return dict(zip(parts[::2], parts[1::2], strict=False))


def _save(store: Path, entries: Mapping[str, str]) -> None:
    data = os.fsencode("\0".join(part for entry in entries.items() for part in entry))
    with suppress(OSError):  # a read-only or full disk must not fail a read
        write_atomic(store, data, durable=False)
