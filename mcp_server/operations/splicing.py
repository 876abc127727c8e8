"""The generated sources that new specs make different, and that difference put into the files as they are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from mcp_server.changes import ledger
from mcp_server.features.catalog import Catalog
from mcp_server.features.edits.aliases import aliases, written_out
from mcp_server.features.edits.conflicts import EditConflict
from mcp_server.features.edits.merge import merge
from mcp_server.features.generate import generate
from mcp_server.features.spec import RELATION_TYPES, FeatureSpec
from mcp_server.inspection.uses import defined_in
from mcp_server.operations.formatting import format_alike, format_sources
from mcp_server.operations.known_features import layout_of, spec_of
from mcp_server.operations.settling import keep
from mcp_server.workspace.errors import Problem, Refused
from mcp_server.workspace.workspace import Workspace, decoded

Pair = tuple[dict[str, str], dict[str, str]]
"""Path to source as generated so far, and as it will be."""
_PATCH_SHOWN = 3000
"""Characters of a patch in a reply; the file holds all of it."""


@dataclass(frozen=True, slots=True)
class ChangedFeature:
    """One feature whose sources may change: the one that is extended, or one that refers to it or is referred to."""

    entry: ledger.Entry
    spec: FeatureSpec
    """As it will be."""
    old: Mapping[str, str]
    """Path to source as generated so far; only of files whose source may differ now."""
    new: Mapping[str, str]

    @property
    def changed(self) -> list[str]:
        """Paths whose generated source differs."""
        return [
            path
            for path in sorted(self.old.keys() | self.new.keys())
            if self.old.get(path) != self.new.get(path)
        ]


async def changed_features(
    workspace: Workspace, extended: str, later: Mapping[str, FeatureSpec], before: Catalog, after: Catalog
) -> list[ChangedFeature]:
    """The feature that is `extended`, and those beside it that the specs of `later` make different; sources formatted."""
    known = {each.feature: (each, spec_of(each)) for each in ledger.read(workspace).values()}
    near = {extended} | _targets(known[extended][1]) | _targets(later[extended]) | later.keys()
    near |= {name for name, (_, spec) in known.items() if extended in _targets(spec)}
    pairs: dict[str, Pair] = {}
    for name in sorted(near & known.keys()):
        entry, spec = known[name]
        layout = layout_of(workspace, entry)
        old, new = generate(spec, before, layout), generate(later.get(name, spec), after, layout)
        pair = _without(old, new), _without(new, old)
        pairs[name] = _alike(workspace, layout.path("schemas", spec.names), pair)
    formatted = await format_sources(
        workspace,
        {
            f"{name}/{number}/{path}": text
            for name, pair in pairs.items()
            for number, sources in enumerate(pair)
            for path, text in sources.items()
        },
    )
    features = [
        ChangedFeature(
            known[name][0],
            later.get(name, known[name][1]),
            *({path: formatted[f"{name}/{number}/{path}"] for path in pair[number]} for number in (0, 1)),
        )
        for name, pair in pairs.items()
    ]
    return [each for each in features if each.changed or each.entry.feature == extended]


def _alike(workspace: Workspace, schemas: str, pair: Pair) -> Pair:
    """Both sources, with types written out where the file of schemas has not all of the names that the kit gives to types."""
    if any(schemas not in sources for sources in pair) or workspace.read(schemas) is None:
        return pair
    old, new = (aliases(sources[schemas]).keys() for sources in pair)
    missing = old - defined_in(workspace.text(schemas))
    if not missing:
        return pair
    plain = ({**sources, schemas: written_out(sources[schemas], missing | (new - old))} for sources in pair)
    return next(plain), next(plain)


def _targets(spec: FeatureSpec) -> set[str]:
    return {spec.target_of(one) for one in spec.fields if one.type.name in RELATION_TYPES}


def _without(sources: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    return {path: text for path, text in sources.items() if others.get(path) != text}


async def spliced(
    workspace: Workspace,
    name: str,
    features: Iterable[ChangedFeature],
    before: Mapping[str, bytes | None],
    by_hand: Collection[str],
) -> tuple[dict[str, bytes | None], list[str]]:
    """Path to next content of every file, and notes on those that were edited by hand or left alone. `before` are the files
    as they are.

    In files of `by_hand` what finds no place is left out: somebody has put it in.

    Raises Refused with the problems of all files, and one EXT008 that carries the patch.
    """
    edits: dict[str, bytes | None] = {}
    merged: dict[str, str] = {}
    conflicts: list[tuple[str, EditConflict]] = []
    left: list[str] = []
    problems: list[Problem] = []
    for feature in features:
        for path in feature.changed:
            base, wanted, current = feature.old.get(path), feature.new.get(path), before[path]
            made = feature.entry.files.get(path)
            if made == ledger.OWN:
                left.append(f"{path} is left to you: it is of your own making")
                continue
            gone = current is None and base is not None
            if gone and (made is None or path in by_hand):
                # Adopted without it, or taken out on purpose since.
                left.append(f"{path} is left out: it is not there")
                continue
            if gone:
                hint = f"Restore it from git, or call again with by_hand: {[path]} to go on without it"
                problems.append(Problem("EXT009", path, "is gone", hint))
            elif current is None or sha256(current).hexdigest() == made:
                edits[path] = None if wanted is None else wanted.encode()
            elif base is None or wanted is None:
                reason = (
                    "a file is in the way" if base is None else "was edited by hand, and would have to go"
                )
                problems.append(Problem("SCF001", path, reason, "Move it away, then try again"))
            else:
                text = merged[path] if path in merged else decoded(path, current)  # two may share a file
                try:
                    merged[path] = merge(path, base, wanted, text)
                except EditConflict as error:
                    if path not in by_hand:
                        conflicts.append((path, error))
                        continue
                    merged[path] = merge(path, base, wanted, text, by_hand=True)
                    left += (f"{each.place} is left to you: {each.reason}" for each in error.problems)
    if conflicts or problems:
        raise _refusal(workspace, name, problems, conflicts)
    edits |= {path: text.encode() for path, text in (await format_alike(workspace, merged)).items()}
    return edits, [*(f"{path} keeps its edits by hand" for path in sorted(merged)), *left]


def _refusal(
    workspace: Workspace,
    name: str,
    problems: Iterable[Problem],
    conflicts: Sequence[tuple[str, EditConflict]],
) -> Refused:
    found = [*problems, *(problem for _, error in conflicts for problem in error.problems)]
    patch = "".join(error.patch for _, error in conflicts)
    if patch:
        place = keep(workspace, f"{name}.patch", patch)
        more = "" if len(patch) <= _PATCH_SHOWN else "\n..."
        hint = (
            "Nothing was written. Apply it by hand where the code is now, then call again;"
            f" if that is refused once more, with by_hand: {[*dict(conflicts)]}"
        )
        found.append(Problem("EXT008", place, f"this found no place:\n{patch[:_PATCH_SHOWN]}{more}", hint))
    return Refused(*found)
