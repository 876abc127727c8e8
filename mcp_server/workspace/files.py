"""Reading files, and writing them so that a crash leaves the old content or the new one, never half of it."""

import os
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from secrets import token_hex


def write_atomic(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replace the content of `path` in one step; its directory must exist. It keeps the permissions it has.

    `durable` waits until the data and its name are on the disk.
    """
    scratch = path.with_name(f".{path.name}.{token_hex(4)}.tmp")
    try:
        write_plain(scratch, data, durable=durable)
        replace(scratch, path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    if durable:
        sync_directory(path.parent)


def replace(scratch: Path, path: Path, *, mode: int | None = None) -> None:
    """Put a written file into the place of another, with its permissions; of a new one, with `mode` if it is given."""
    kept = path.stat().st_mode & 0o7777 if path.exists() else mode
    if kept is not None:
        scratch.chmod(kept)
    scratch.replace(path)


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


def read_unlinked(path: str) -> bytes:
    """The content of a file, in half the time that `open` takes. Raises OSError, also where `path` is a link."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        parts = []
        while part := os.read(descriptor, 1 << 16):
            parts.append(part)
    finally:
        os.close(descriptor)
    return b"".join(parts)


def newest_first(folder: Path, pattern: str) -> list[Path]:
    """The files of a folder by their last change. What another process removes meanwhile is left out."""
    found = []
    for path in folder.glob(pattern):
        with suppress(FileNotFoundError):
            found.append((path.stat().st_mtime_ns, path))
    return [path for _, path in sorted(found, reverse=True)]


def make_directory(path: Path) -> None:
    """Create a directory and its parents so that they survive a power failure."""
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(exist_ok=True)
    sync_directory(path.parent)


def sync_files(paths: Iterable[Path]) -> None:
    """Wait until the content of all these files is on the disk: together they take hardly longer than one of them.

    The disk is told of all of them before the first is waited for; that wait makes most of the others short.
    """
    with ExitStack() as stack:
        descriptors = []
        for path in paths:
            descriptors.append(os.open(path, os.O_RDONLY))
            stack.callback(os.close, descriptors[-1])
        if hasattr(os, "posix_fadvise"):
            for descriptor in descriptors:  # starts to write, waits for nothing
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        for descriptor in descriptors:
            os.fsync(descriptor)


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
