"""The content of the workspace as hashes. Files that cannot have changed since they were hashed are not read again.

A file is trusted by its size, inode, modification and change time, except while it is "racily clean": hashed so soon
after its last change that a second edit could carry the same times. The change time cannot be set by a program, so
tools that restore modification times do not deceive it.
"""

import json
import os
import stat
import time
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from mcp_server.workspace.files import write_atomic
from mcp_server.workspace.globs import matcher
from mcp_server.workspace.listing import list_with_stat
from mcp_server.workspace.workspace import Workspace

_Entry = tuple[int, int, int, int, str]

_VERSION: Final = 1
# File times tick with the kernel (up to 10 ms); file systems without fractions of a second tick every one or two.
_FINE_TICK_NS: Final = 50_000_000
_COARSE_TICK_NS: Final = 2_500_000_000


def tree_hash(workspace: Workspace) -> str:
    """12 hexadecimal digits that change with any name or content of `workspace.files()`."""
    digest = sha256()
    for path, value in hashes(workspace, ()).items():
        digest.update(f"{path}\0{value}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()[:12]


def hashes(workspace: Workspace, globs: Iterable[str]) -> dict[str, str]:
    """SHA-256 of each file that matches one of `globs` (none: every file), in path order; of a link, its target."""
    store = workspace.scratch / "hashes.json"
    known = _load(store)
    fresh: dict[str, _Entry] = {}
    result: dict[str, str] = {}
    matches = matcher(globs)
    listing = list_with_stat(workspace.root)
    for path, status in listing:
        if not matches(path):
            continue
        entry = known.get(path)
        if entry is not None and entry[:4] == _key(status):
            result[path] = entry[4]
            continue
        looked_at = time.time_ns()
        value = _hash(workspace.root / path, status)
        if value is None:
            continue  # deleted between the listing and now
        result[path] = value
        if _settled(status, looked_at):
            fresh[path] = (*_key(status), value)
    gone = known.keys() - {path for path, _ in listing}
    if fresh or gone:
        _save(store, {path: entry for path, entry in (known | fresh).items() if path not in gone})
    return result


def _key(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns


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


def _load(store: Path) -> dict[str, _Entry]:
    """The stored entries; an unreadable store is only a slow start."""
    try:
        document = json.loads(store.read_bytes())
        if document["version"] != _VERSION:
            return {}
        return {
            path: (int(size), int(inode), int(modified), int(changed), str(value))
            for path, (size, inode, modified, changed, value) in document["files"].items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _save(store: Path, entries: dict[str, _Entry]) -> None:
    data = json.dumps({"version": _VERSION, "files": entries}, separators=(",", ":")).encode()
    with suppress(OSError):  # a read-only or full disk must not fail a read
        write_atomic(store, data, durable=False)
