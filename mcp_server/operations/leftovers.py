"""Code that people wrote and that speaks of what a change of a feature took away: named in the reply, never touched."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from mcp_server.changes import ledger
from mcp_server.inspection.uses import Use, declared, defined, inherited, uses
from mcp_server.migrations import heads
from mcp_server.operations.feature_files import content_hash
from mcp_server.workspace.layout import module_of
from mcp_server.workspace.syntax import lines, parse
from mcp_server.workspace.workspace import Workspace

_SHOWN = 8
"""Lines that one reply names."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change does: the features concerned, the generated sources that differ, the files as they will be."""

    entries: Collection[ledger.Entry]
    old: Mapping[str, str]
    new: Mapping[str, str]
    edits: Mapping[str, bytes | None]
    renamed: Mapping[str, str]


def leftovers(workspace: Workspace, outcome: Outcome) -> list[str]:
    """A note for each line that uses what is gone, first what is certain, and one that counts the rest.

    What a module defined is missing wherever it is imported. What its classes declared, like a field, is likely to be
    meant by its name in files that import a module of the same features. It is in use, too, where such a class has it from
    a class that somebody wrote above it.
    """
    old, new, edits = outcome.old, outcome.new, outcome.edits
    texts = {path: _text(workspace, path, edits) for path in old}
    trees = {text: parse(text) for text in {*old.values(), *new.values(), *texts.values()}}
    gone = {module_of(path): defined(trees[old[path]]) - defined(trees[text]) for path, text in texts.items()}
    members = {name for path in old for name in declared(trees[old[path]], without=gone[module_of(path)])}
    members -= {name for text in new.values() for name in declared(trees[text])}
    names = members.union(*gone.values())
    if not names:
        return []
    near = {module_of(path) for entry in outcome.entries for path in entry.files}
    found: list[tuple[bool, str, Use]] = []
    for path, text in _written(workspace, edits, near):
        if any(name in text for name in names):
            written, generated = lines(text), {line.strip() for line in lines(new.get(path, ""))}
            try:
                here = set(uses(text, module_of(path), gone, members, near))
                here |= set(inherited(trees[old[path]], trees[text], members)) if path in old else set()
            except SyntaxError:
                continue  # not Python that this interpreter reads: the gates say so
            kept = (use for use in here if written[use.line - 1].strip() not in generated)
            found += [(not use.module, path, use) for use in kept]
    notes = [_note(path, use, outcome.renamed) for _, path, use in sorted(found)]
    more = len(notes) - _SHOWN
    return notes[:_SHOWN] + ([f"{more} more lines use what is gone"] if more > 0 else [])


def _written(
    workspace: Workspace, edits: Mapping[str, bytes | None], near: Collection[str]
) -> Iterator[tuple[str, str]]:
    """The Python files as they will be that are, or may import, a near module, without those that the kit made so."""
    made = {path: hash_ for entry in ledger.read(workspace).values() for path, hash_ in entry.files.items()}
    parts = {tuple(module.rpartition(".")[::2]) for module in near}
    revisions = f"{heads.versions_folder(workspace)}/"
    for path in workspace.files("**/*.py"):
        if path.startswith(revisions):
            continue  # they speak of the tables as they were
        text = _text(workspace, path, edits)
        concerned = module_of(path) in near or any(
            package in text and name in text for package, name in parts
        )
        if concerned and (path in edits or content_hash(text) != made.get(path)):
            yield path, text


def _text(workspace: Workspace, path: str, edits: Mapping[str, bytes | None]) -> str:
    """The file as it will be; empty where there will be none."""
    content = edits[path] if path in edits else workspace.read(path)
    return (content or b"").decode(errors="replace")


def _note(path: str, use: Use, renamed: Mapping[str, str]) -> str:
    if use.module:
        return f"{path}:{use.line} needs `{use.name}`, which {use.module} has no more"
    now = f"is `{renamed[use.name]}` now" if use.name in renamed else "is gone"
    return f"{path}:{use.line} uses `{use.name}`, which {now}, if it means this feature's"
