"""The work behind `extend_feature`: old spec and new spec -> edits, migration and ledger entries -> one change set."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mcp_server.changes import ledger
from mcp_server.changes.change_set import ChangeSet
from mcp_server.features.backfill import fills_of
from mcp_server.features.catalog import Catalog, KnownFeature
from mcp_server.features.conversions import refuse_conversions
from mcp_server.features.evolve import Change, Evolved, evolve
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
from mcp_server.operations.known_features import catalog_of, entry_of, layout_of, spec_of
from mcp_server.operations.leftovers import Outcome, leftovers
from mcp_server.operations.settling import Wanted, settle
from mcp_server.operations.splicing import ChangedFeature, changed_features, spliced
from mcp_server.schema.difference import schema_steps, steps
from mcp_server.schema.operations import SchemaOperation
from mcp_server.workspace.lock import workspace_lock
from mcp_server.workspace.workspace import Workspace

_NEXT = "run_quality_gates"
_NEXT_REVISION = "plan_migration, then apply_migration, then run_quality_gates"
_DONE = "Nothing to do: the feature is like this already"


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
        wanted = await _plan(workspace, entry, evolved, catalog, request)
        return await settle(workspace, wanted, dry_run=request.dry_run)


def _change(request: ExtendRequest) -> Change:
    given = request.model_dump(exclude={"feature", "fill", "by_hand", "dry_run"})
    if isinstance(request.spec, str):
        document = read_text(request.spec)
        given["spec"] = "" if document is None else document  # None would be no spec at all
    return Change(**given)


async def _plan(
    workspace: Workspace, entry: ledger.Entry, evolved: Evolved, catalog: Catalog, request: ExtendRequest
) -> Wanted:
    old, new = spec_of(entry), evolved.spec
    users = users_of(workspace, old, evolved)
    later = [(entry, new), *((user.entry, user.new) for user in users)]
    known = (KnownFeature.of(spec, layout_of(workspace, each), called=each.names) for each, spec in later)
    after = Catalog.of(*catalog.features.values(), *known)
    require_fitting(users, after)
    found = (
        *_steps(old, evolved, (catalog, after), request.fill),
        *steps_of(users, old, evolved, catalog, after),
    )
    revision = new_revision(workspace, found, _message(old, evolved)) if found else None
    specs = {spec.feature: spec for _, spec in later}
    features = await changed_features(workspace, old.feature, specs, catalog, after)
    before = {path: workspace.read(path) for feature in features for path in feature.changed}
    edits, told = await spliced(workspace, old.feature, features, before, request.by_hand)
    for feature in features:
        made = {path: text for path, text in feature.new.items() if path in feature.changed and path in edits}
        files = {
            path: hash_
            for path, hash_ in feature.entry.files.items()
            if path not in feature.changed or hash_ == ledger.OWN
        }
        files |= {path: content_hash(text) for path, text in made.items()}
        next_entry = replace(feature.entry, files=files, spec=feature.spec.to_document())
        if feature.entry.feature == old.feature:
            next_entry = _next_entry(next_entry, evolved, revision)
        edits |= [next_entry.to_file()]
    if revision is not None:
        edits[revision.path] = revision.text.encode()
    before |= {path: workspace.read(path) for path in edits if path not in before}
    change_set = ChangeSet.between(f"Extend feature {old.feature}", before, edits)
    notes = [*evolved.notes, *told]
    notes += [NOTE] if old.soft_delete and not new.soft_delete else []
    notes += leftovers(workspace, _outcome(features, edits, evolved))
    facts = {
        "revision": revision.id if revision else entry.revision,
        "routes": routes_of(new, after),
        "notes": notes,
        "next": _NEXT_REVISION if revision else _NEXT,
    }
    return Wanted("extend_feature", old.feature, change_set, facts)


def _outcome(
    features: Sequence[ChangedFeature], edits: Mapping[str, bytes | None], evolved: Evolved
) -> Outcome:
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
