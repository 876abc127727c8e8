"""What one request says in two ways, and what it names in a list that no feature could have there."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from mcp_server.features.problems import did_you_mean, shown
from mcp_server.features.shorthand import read_field
from mcp_server.features.spec import OPERATIONS
from mcp_server.workspace.errors import Problem

_BESIDE_FIELDS = ("owner", "created_at", "updated_at")


def contradictions(
    *, add: Sequence[str], change: Sequence[str], rename: Mapping[str, str], drop: Sequence[str]
) -> Iterator[Problem]:
    """EXT002 for a field that is dropped and wanted all the same, EXT001 for one that is to become two things.

    A dropped name that is taken again is refused too: asked for once more, the request would drop what took it.
    """
    added = {read_field(text, "add")[0].name for text in add}
    for name in dict.fromkeys(drop):
        kinds = [
            kind for kind, names in (("rename", {*rename, *rename.values()}), ("add", added)) if name in names
        ]
        for kind in kinds:
            reason = f"{name} is to go, and {kind} speaks of it as well"
            yield Problem(
                "EXT002",
                f"drop.{name}"[:100],
                reason[:300],
                f"Leave one out, or drop it first and {kind} then",
            )
    seen = dict[str, Any]()
    for number, text in enumerate(change):
        wanted, _ = read_field(text, "change")
        if seen.setdefault(wanted.name, wanted) != wanted:
            reason = f"{wanted.name} is to become two different things"
            yield Problem("EXT001", f"change[{number}]", reason[:300], "Say once what it shall be")


def unknown_entries(key: str, entries: Sequence[Any], known: Collection[str]) -> Iterator[Problem]:
    """EXT002 for each entry to take out of the list `key` that names nothing it could hold. `known` are the fields."""
    names = OPERATIONS if key == "operations" else (*known, *_BESIDE_FIELDS)
    for entry in entries:
        for name in entry if isinstance(entry, list) else [entry]:
            bare = name.removeprefix("-") if isinstance(name, str) else name
            if bare not in names:
                reason = f"{key} cannot hold {shown(bare)}: there is nothing called so"
                yield Problem(
                    "EXT002", f"exclude.{key}"[:100], reason[:300], did_you_mean(str(bare), names)[:300]
                )
