"""What the kit made or adopted, from which spec, with which content.

One committed file per feature, so that branches merge.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from mcp_server.workspace.errors import InvalidInput, Problem
from mcp_server.workspace.workspace import Workspace

DIRECTORY: Final = ".kit/ledger"
OWN: Final = "own"
"""In place of the hash of a file that is of another make than the kit's: it belongs to the feature, and is left as it is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One feature: its canonical spec, the SHA-256 (hexadecimal) of each file as made, its revisions, oldest first.

    A file that was edited by hand since has another hash. So has one that was there before the kit adopted the feature:
    the hash is that of the file as the kit would have made it. Such a feature has no revisions until it is extended;
    `names` are those of its classes (by kind: `Create`), routes (by operation: `list`) and repository in the service
    (`rows`) that the kit would call otherwise, `places` the paths of artefacts (`schemas`) that the layout has elsewhere.
    `former` names fields that there were once: asked to drop or rename one of them again, the kit knows that this is done.
    """

    feature: str
    spec: Mapping[str, Any]
    files: Mapping[str, str]
    revisions: tuple[str, ...]
    former: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Of what cannot change alone: an entry is a key of caches."""
        return hash((self.feature, self.revisions))

    @property
    def revision(self) -> str:
        """The newest revision; empty where there is none."""
        return self.revisions[-1] if self.revisions else ""

    def to_file(self) -> tuple[str, bytes]:
        """Path and content of the entry, to go into the same change set as the files it describes."""
        document = {
            "feature": self.feature,
            "spec": self.spec,
            "files": dict(sorted(self.files.items())),
            "revisions": self.revisions,
        }
        if self.former:
            document["former"] = self.former
        for key, own in (("names", self.names), ("places", self.places)):
            if own:
                document[key] = dict(sorted(own.items()))
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        return path_of(self.feature), text.encode()


def path_of(feature: str) -> str:
    """Where the entry of a feature is."""
    return f"{DIRECTORY}/{feature}.json"


def read(workspace: Workspace) -> dict[str, Entry]:
    """Every entry by feature, in name order. Raises InvalidInput CHG008 naming each damaged file."""
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    for path, text in workspace.texts(f"{DIRECTORY}/*.json").items():
        try:
            entry = _parse(text, expected=path.removeprefix(f"{DIRECTORY}/").removesuffix(".json"))
        except (ValueError, KeyError, TypeError) as error:
            hint = "Restore it from git; the kit writes these files, nobody edits them"
            problems.append(Problem("CHG008", path, f"is not an entry of the ledger: {error}", hint))
        else:
            entries[entry.feature] = entry
    if problems:
        raise InvalidInput(*problems)
    return entries


@lru_cache(maxsize=1024)
def _parse(text: str, *, expected: str) -> Entry:
    """Read once per content: a server is asked again and again about the same features."""
    document = json.loads(text)
    feature, spec, files = document["feature"], document["spec"], document["files"]
    revisions, former = document["revisions"], document.get("former", [])
    names, places = document.get("names", {}), document.get("places", {})
    if feature != expected:
        raise ValueError(f"describes {feature!r}")
    if not isinstance(spec, dict):
        raise TypeError("spec must be an object")
    if not isinstance(revisions, list) or not all(isinstance(one, str) for one in (*revisions, *former)):
        raise TypeError("revisions and former must be lists of text")
    if not isinstance(files, dict) or not all(isinstance(value, str) for value in files.values()):
        raise TypeError("files must map paths to hashes")
    if not isinstance(names, dict) or not all(map(_is_identifier, names.values())):
        raise TypeError("names must map parts to names of Python")
    if not isinstance(places, dict) or not all(isinstance(path, str) for path in places.values()):
        raise TypeError("places must map parts to paths of files")
    return Entry(expected, spec, files, tuple(revisions), tuple(former), names, places)


def _is_identifier(name: object) -> bool:
    return isinstance(name, str) and name.isidentifier()
