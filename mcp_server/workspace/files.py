"""Writing files so that a crash leaves the old content or the new one, never half of it."""

import os
from pathlib import Path
from secrets import token_hex


def write_atomic(
    path: Path,
    data: bytes,
    *,
    durable: bool = True,
    sync_parent: bool = True,
    temporary: Path | None = None,
    mode: int | None = None,
) -> None:
    """Replace the content of `path` in one step; its directory must exist.

    It keeps the permissions it has; a new file gets `mode`, or what the process gives to new files.

    `durable` waits until the data is on the disk, and its name too unless the caller syncs the directory itself
    (`sync_parent`). `temporary` names the intermediate file (same file system); callers
    that clean up after a crash choose a name that they can find again.
    """
    scratch = path.with_name(f".{path.name}.{token_hex(4)}.tmp") if temporary is None else temporary
    try:
        write_plain(scratch, data, durable=durable)
        kept = path.stat().st_mode & 0o7777 if path.exists() else mode
        if kept is not None:
            scratch.chmod(kept)
        scratch.replace(path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    if durable and sync_parent:
        sync_directory(path.parent)


def write_plain(path: Path, data: bytes, *, durable: bool) -> None:
    """Create or truncate `path` and write all of `data`."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(path: Path) -> None:
    """Create a directory and its parents so that they survive a power failure."""
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(exist_ok=True)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make renames and deletions in `path` survive a power failure (where directories can be synced at all)."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        return
    finally:
        os.close(descriptor)
