"""What the journal knows of one change set, on the disk: everything needed to finish it or to take it back."""

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mcp_server.changes.change_set import ChangeSet, FileChange
from mcp_server.workspace.errors import KitError, Problem


@dataclass(frozen=True, slots=True)
class Record:
    """A change set, the name of its temporary files, the directories that it has to make
    (parents first), and the permissions of the files that are there."""

    id: str
    title: str
    changes: tuple[FileChange, ...]
    directories: tuple[str, ...]
    modes: Mapping[str, int]

    @classmethod
    def of(cls, change_set: ChangeSet, root: Path) -> "Record":
        """The record of a change set that is about to be applied below `root`."""
        parents = {
            parent
            for change in change_set.changes
            if change.after is not None
            for parent in PurePosixPath(change.path).parents
            if parent.parts
        }
        missing = sorted(parent.as_posix() for parent in parents if not (root / parent).exists())
        modes = {
            change.path: (root / change.path).stat().st_mode & 0o7777
            for change in change_set.changes
            if change.before is not None
        }
        return cls(change_set.digest[:12], change_set.title, change_set.changes, tuple(missing), modes)

    def temporary(self, change: FileChange) -> str:
        """Name of the intermediate file of a change, in the directory of its target; the same at every attempt."""
        return f".kit-{self.id}-{self.changes.index(change)}.tmp"

    def encode(self) -> bytes:
        """The record as stored."""
        changes = [[change.path, _pack(change.before), _pack(change.after)] for change in self.changes]
        document = {
            "id": self.id,
            "title": self.title,
            "changes": changes,
            "directories": self.directories,
            "modes": dict(self.modes),
        }
        return json.dumps(document).encode()


def load(path: Path) -> Record:
    """Read a record. Raises KitError CHG005 when it is damaged: nothing is touched then."""
    try:
        document = json.loads(path.read_bytes())
        changes = tuple(
            FileChange(name, _unpack(old), _unpack(new)) for name, old, new in document["changes"]
        )
        directories, modes = tuple(document["directories"]), dict(document["modes"])
        return Record(document["id"], document["title"], changes, directories, modes)
    except (ValueError, KeyError, TypeError, Base64Error) as error:
        hint = "Look at `git status`, bring the tree into the state you want, then delete that file"
        raise KitError(
            Problem("CHG005", str(path), f"the record of an interrupted change is damaged: {error}", hint)
        ) from error


def _pack(content: bytes | None) -> str | None:
    return None if content is None else b64encode(content).decode()


def _unpack(content: str | None) -> bytes | None:
    return None if content is None else b64decode(content, validate=True)
