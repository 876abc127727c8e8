"""A change set: every file edit of one operation, as values."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file before and after; None means the file is not there."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class ChangeSet:
    title: str
    changes: tuple[FileChange, ...]

    @classmethod
    def between(
        cls, title: str, before: Mapping[str, bytes | None], after: Mapping[str, bytes | None]
    ) -> "ChangeSet":
        """The edits that lead from `before` to `after`; paths (relative, with slashes) that stay equal drop out."""
        edits = (FileChange(path, before.get(path), after[path]) for path in sorted(after))
        return cls(title, tuple(edit for edit in edits if edit.before != edit.after))

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def digest(self) -> str:
        """Identifies the edits by content; equal change sets have equal digests."""
        digest = sha256()
        for change in self.changes:
            for part in (change.path.encode(), change.before, change.after):
                digest.update(b"-" if part is None else b"%d:" % len(part) + part)
        return digest.hexdigest()

    def diff(self) -> str:
        """Unified diff of all files, in path order. Undecodable bytes are shown escaped.

        Empty files that come or go stand last: git's header, which says so, would take the next file's for its own.
        """
        lines = (line for change in self.changes for line in _file_diff(change))
        headers = (_header(change) for change in self.changes if not (change.before or change.after))
        return "".join((*lines, *headers))


def _file_diff(change: FileChange) -> Iterator[str]:
    old, new = _lines(change.before), _lines(change.after)
    source = "/dev/null" if change.before is None else f"a/{change.path}"
    target = "/dev/null" if change.after is None else f"b/{change.path}"
    for line in difflib.unified_diff(old, new, source, target):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _header(change: FileChange) -> str:
    what = "new" if change.before is None else "deleted"
    return f"diff --git a/{change.path} b/{change.path}\n{what} file mode 100644\n"


def _lines(content: bytes | None) -> list[str]:
    """As patches have them: a line ends with a line feed and with nothing else."""
    return [line.decode(errors="backslashreplace") for line in BytesIO(content or b"")]
