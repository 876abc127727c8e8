"""The work behind `extend_feature`: old spec and new spec -> the difference, put into the files as they are now."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from mcp_server.changes import ledger
from mcp_server.changes.change_set import ChangeSet
from mcp_server.features.backfill import fills_of
from mcp_server.features.catalog import Catalog, KnownFeature
from mcp_server.features.conversions import refuse_conversions
from mcp_server.features.edits.conflicts import EditConflict
from mcp_server.features.edits.merge import merge
from mcp_server.features.evolve import Change, Evolved, evolve
from mcp_server.features.generate import generate
from mcp_server.features.purge import NOTE, purge
from mcp_server.features.relabel import relabelled_columns
from mcp_server.features.renamed_links import moved_tables
from mcp_server.features.spec import FeatureSpec
from mcp_server.features.tables import tables_of
from mcp_server.features.validate import require_valid
from mcp_server.features.yaml_text import read_text
from mcp_server.operations.change_result import ChangeResult
from mcp_server.operations.enum_users import require_fitting, steps_of, users_of
from mcp_server.operations.extend_feature import ExtendRequest
from mcp_server.operations.feature_files import NewRevision, content_hash, new_revision, routes_of
from mcp_server.operations.formatting import format_alike, format_sources
from mcp_server.operations.known_features import catalog_of, entry_of, layout_of, spec_of
from mcp_server.operations.leftovers import Outcome, leftovers
from mcp_server.operations.settling import Wanted, keep, settle
from mcp_server.schema.difference import schema_steps, steps
from mcp_server.schema.operations import SchemaOperation
from mcp_server.workspace.errors import Problem, Refused
from mcp_server.workspace.lock import workspace_lock
from mcp_server.workspace.workspace import Workspace

_NEXT = "run_quality_gates"
_NEXT_REVISION = "plan_migration, then apply_migration, then run_quality_gates"
_DONE = "Nothing to do: the feature is like this already"
_PATCH_SHOWN = 3000
"""Characters of a patch in a reply; the file holds all of it."""


@dataclass(frozen=True, slots=True)
class _Feature:
    """One feature whose sources may change: the one that is extended, or one that refers to it or is referred to."""

    entry: ledger.Entry
    spec: FeatureSpec
    """As it will be."""
    old: Mapping[str, str]
    new: Mapping[str, str]

    @property
    def changed(self) -> list[str]:
        """Paths whose generated source differs."""
        return [
            path
            for path in sorted(self.old.keys() | self.new.keys())
            if self.old.get(path) != self.new.get(path)
        ]


async def extend(workspace: Workspace, request: ExtendRequest) -> ChangeResult:
    """Change the feature, or show what that would change.

    Raises InvalidInput FTR001 or FTR002 where there is no such feature of the kit, EXT0xx or SPEC0xx for everything that is
    wrong with the request, Refused EDT0xx and EXT008 (the patch) where edits by hand are in the way.
    """
    async with workspace_lock(workspace, "extend_feature"):
        entry, catalog = entry_of(workspace, request.feature), catalog_of(workspace)
        old = spec_of(entry)
        evolved = evolve(old, _change(request), entry.former)
        if evolved.spec == old and not evolved.unread:
            return ChangeResult(
                feature=old.feature, revision=entry.revision, routes=routes_of(old, catalog), next=_DONE
            )
        require_valid(evolved.spec, catalog.without(old.feature), evolved.unread)
        refuse_conversions(old, evolved.spec, evolved.renamed)
        wanted = await _plan(workspace, entry, evolved, catalog, request.fill)
        return await settle(workspace, wanted, dry_run=request.dry_run)


def _change(request: ExtendRequest) -> Change:
    given = request.model_dump(exclude={"feature", "fill", "dry_run"})
    if isinstance(request.spec, str):
        given["spec"] = read_text(request.spec)
    return Change(**given)


async def _plan(
    workspace: Workspace, entry: ledger.Entry, evolved: Evolved, catalog: Catalog, fill: Mapping[str, Any]
) -> Wanted:
    old, new = spec_of(entry), evolved.spec
    users = users_of(workspace, old, evolved)
    later = [(entry, new), *((user.entry, user.new) for user in users)]
    known = (KnownFeature.of(spec, layout_of(workspace, each)) for each, spec in later)
    after = Catalog.of(*catalog.features.values(), *known)
    require_fitting(users, after)
    found = (
        *_steps(old, evolved, (catalog, after), fill),
        *steps_of(users, old, evolved, catalog, after),
    )
    revision = new_revision(workspace, found, _message(old, evolved)) if found else None
    features = await _features(workspace, entry, {spec.feature: spec for _, spec in later}, catalog, after)
    edits, edited = await _edits(workspace, old.feature, features)
    for feature in features:
        made = {path: text for path, text in feature.new.items() if path in feature.changed and path in edits}
        files = {path: hash_ for path, hash_ in feature.entry.files.items() if path not in feature.changed}
        files |= {path: content_hash(text) for path, text in made.items()}
        next_entry = replace(feature.entry, files=files, spec=feature.spec.to_document())
        if feature.entry is entry:
            next_entry = _next_entry(next_entry, evolved, revision)
        edits |= [next_entry.to_file()]
    if revision is not None:
        edits[revision.path] = revision.text.encode()
    before = {path: workspace.read(path) for path in edits}
    change_set = ChangeSet.between(f"Extend feature {old.feature}", before, edits)
    notes = [*evolved.notes, *(f"{path} keeps its edits by hand" for path in edited)]
    notes += [NOTE] if old.soft_delete and not new.soft_delete else []
    notes += leftovers(workspace, _outcome(features, edits, evolved))
    facts = {
        "revision": revision.id if revision else entry.revision,
        "routes": routes_of(new, after),
        "notes": notes,
        "next": _NEXT_REVISION if revision else _NEXT,
    }
    return Wanted("extend_feature", old.feature, change_set, facts)


def _outcome(features: Sequence[_Feature], edits: Mapping[str, bytes | None], evolved: Evolved) -> Outcome:
    old = {path: each.old[path] for each in features for path in each.changed if path in each.old}
    new = {path: each.new[path] for each in features for path in each.changed if path in each.new}
    return Outcome([each.entry for each in features], old, new, edits, evolved.renamed)


def _steps(
    old: FeatureSpec,
    evolved: Evolved,
    catalogs: tuple[Catalog, Catalog],
    fill: Mapping[str, Any],
) -> Iterator[SchemaOperation]:
    """What leads from the tables of the old spec to those of the new one."""
    new = evolved.spec
    fills = fills_of(old, new, evolved.renamed, fill, catalogs[1])
    pairs = ((old.field(name), new.field(to)) for name, to in evolved.renamed.items())
    columns = {
        one.column: other.column
        for one, other in pairs
        if one and other and one.is_reference == other.is_reference and not other.is_links
    }
    (before, *links), (after, *new_links) = tables_of(old, catalogs[0]), tables_of(new, catalogs[1])
    labels = relabelled_columns(old, evolved.labels, evolved.renamed)
    yield from purge(old, new, catalogs[0])
    yield from steps(before, after, renamed=columns, relabelled=labels, fills=fills)
    yield from schema_steps(links, new_links, moved=moved_tables(old, new, evolved.renamed))


def _message(old: FeatureSpec, evolved: Evolved) -> str:
    """One line that says what the revision is for."""
    before, after = ({field.name for field in spec.fields} for spec in (old, evolved.spec))
    added = sorted(after - before - set(evolved.renamed.values()))
    dropped = sorted(before - after - set(evolved.renamed))
    parts = [
        *(f"rename {name} to {to}" for name, to in evolved.renamed.items()),
        *([f"add {', '.join(added)}"] if added else []),
        *([f"drop {', '.join(dropped)}"] if dropped else []),
    ]
    message = f"Change {old.names.table}: {'; '.join(parts) or 'fields and constraints'}"
    return message if len(message) <= 100 else f"Change {old.names.table}"


def _next_entry(entry: ledger.Entry, evolved: Evolved, revision: NewRevision | None) -> ledger.Entry:
    entry = replace(entry, spec=evolved.spec.to_document(), former=evolved.former)
    if revision is None:
        return entry
    files = {**entry.files, revision.path: content_hash(revision.text)}
    return replace(entry, files=files, revisions=(*entry.revisions, revision.id))


async def _features(
    workspace: Workspace,
    entry: ledger.Entry,
    later: Mapping[str, FeatureSpec],
    catalog: Catalog,
    after: Catalog,
) -> list[_Feature]:
    """The feature and those beside it that the new specs (`later`) make different, with their formatted sources."""
    specs = {each.feature: (each, spec_of(each)) for each in ledger.read(workspace).values()}
    old = spec_of(entry)
    near = _targets(old) | _targets(later[old.feature]) | later.keys()
    near |= {name for name, (_, spec) in specs.items() if old.feature in _targets(spec)}
    raw: dict[str, str] = {}
    for name in sorted({old.feature, *near} & specs.keys()):
        each, spec = specs[name]
        layout = layout_of(workspace, each)
        for kind, sources in (
            ("old", generate(spec, catalog, layout)),
            ("new", generate(later.get(name, spec), after, layout)),
        ):
            raw |= {f"{name}/{kind}/{path}": text for path, text in sources.items()}
    raw = {key: text for key, text in raw.items() if raw.get(_other_side(key)) != text}
    formatted = await format_sources(workspace, raw)
    found = [
        _Feature(
            entry if name == old.feature else each,
            later.get(name, spec),
            _side(formatted, f"{name}/old/"),
            _side(formatted, f"{name}/new/"),
        )
        for name, (each, spec) in specs.items()
    ]
    return [each for each in found if each.changed or each.entry is entry]


def _targets(spec: FeatureSpec) -> set[str]:
    return {spec.target_of(one) for one in spec.fields if one.type.name in ("ref", "one", "many")}


def _other_side(key: str) -> str:
    name, kind, path = key.split("/", 2)
    return f"{name}/{'new' if kind == 'old' else 'old'}/{path}"


def _side(sources: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): text for key, text in sources.items() if key.startswith(prefix)}


async def _edits(
    workspace: Workspace, name: str, features: Iterable[_Feature]
) -> tuple[dict[str, bytes | None], list[str]]:
    """Path to next content of every file, and the files that were edited by hand.

    Raises Refused with the problems of all files, and one EXT008 that carries the patch.
    """
    edits: dict[str, bytes | None] = {}
    merged: dict[str, str] = {}
    conflicts: list[EditConflict] = []
    problems: list[Problem] = []
    for feature in features:
        for path in feature.changed:
            base, wanted, current = feature.old.get(path), feature.new.get(path), workspace.read(path)
            made = feature.entry.files.get(path)
            if current is None and base is not None and made is None:
                continue  # an adopted feature without it
            if current is None or sha256(current).hexdigest() == made:
                if current is None and base is not None:
                    problems.append(Problem("EXT009", path, "is gone", "Restore it from git, then try again"))
                edits[path] = None if wanted is None else wanted.encode()
            elif base is None or wanted is None:
                reason = (
                    "a file is in the way" if base is None else "was edited by hand, and would have to go"
                )
                problems.append(Problem("SCF001", path, reason, "Move it away, then try again"))
            else:
                try:
                    merged[path] = merge(path, base, wanted, workspace.text(path))
                except EditConflict as error:
                    conflicts.append(error)
    if conflicts or problems:
        raise _refusal(workspace, name, problems, conflicts)
    edits |= {path: text.encode() for path, text in (await format_alike(workspace, merged)).items()}
    return edits, sorted(merged)


def _refusal(
    workspace: Workspace, name: str, problems: Iterable[Problem], conflicts: Iterable[EditConflict]
) -> Refused:
    found = [*problems, *(problem for error in conflicts for problem in error.problems)]
    patch = "".join(error.patch for error in conflicts)
    if patch:
        place = keep(workspace, f"{name}.patch", patch)
        more = "" if len(patch) <= _PATCH_SHOWN else "\n..."
        hint = "Nothing was written. Apply it by hand where the code is now, then call again"
        found.append(Problem("EXT008", place, f"this found no place:\n{patch[:_PATCH_SHOWN]}{more}", hint))
    return Refused(*found)
