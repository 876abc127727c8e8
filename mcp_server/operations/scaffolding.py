"""The work behind `scaffold_feature`: spec -> files, migration and ledger entry -> one change set -> applied or shown."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from mcp_server.changes import ledger
from mcp_server.changes.change_set import ChangeSet
from mcp_server.features.generate import generate
from mcp_server.features.load import read_document
from mcp_server.features.tables import tables_of
from mcp_server.features.validate import require_valid
from mcp_server.features.yaml_text import read_text
from mcp_server.operations import places
from mcp_server.operations.change_result import ChangeResult
from mcp_server.operations.feature_files import NewRevision, content_hash, new_revision, routes_of
from mcp_server.operations.formatting import format_sources
from mcp_server.operations.known_features import catalog_of, entry_of
from mcp_server.operations.scaffold_feature import ScaffoldRequest
from mcp_server.operations.settling import Wanted, settle
from mcp_server.schema.operations import CreateTable
from mcp_server.workspace.beside import beside
from mcp_server.workspace.errors import InvalidInput, Problem, Refused
from mcp_server.workspace.lock import workspace_lock
from mcp_server.workspace.workspace import Workspace

if TYPE_CHECKING:
    from mcp_server.features.catalog import Catalog
    from mcp_server.features.spec import FeatureSpec

_NEXT = "plan_migration, then apply_migration, then run_quality_gates"
_DONE = "Nothing to do: it was made from this very spec"


async def scaffold(workspace: Workspace, request: ScaffoldRequest) -> ChangeResult:
    """Create the feature, or show what creating it would change. Raises InvalidInput or Refused; then nothing changed."""
    spec, unread = read_document(_document(request))
    async with workspace_lock(workspace, "scaffold_feature"):
        catalog = catalog_of(workspace)
        known = catalog.features.get(spec.feature)
        if known is not None and known.spec == spec and not unread:
            revision = entry_of(workspace, spec.feature).revision
            return ChangeResult(
                feature=spec.feature, routes=routes_of(spec, catalog), revision=revision, next=_DONE
            )
        require_valid(spec, catalog, unread)
        return await settle(workspace, await _plan(workspace, spec, catalog), dry_run=request.dry_run)


def _document(request: ScaffoldRequest) -> Any:
    """What the request describes, given whole or as arguments. Raises InvalidInput."""
    document = request.document()
    if request.spec is None:
        return document
    if document:
        place, hint = ", ".join(document), "Put it into spec, or leave spec out"
        raise InvalidInput(
            Problem("ARG004", place, "given beside spec, which is the whole description", hint)
        )
    return read_text(request.spec) if isinstance(request.spec, str) else request.spec


async def _plan(workspace: Workspace, spec: "FeatureSpec", catalog: "Catalog") -> Wanted:
    """The change that creates the feature. Raises Refused SCF001 where a file is in the way."""
    sources = generate(spec, catalog, workspace.layout)
    # The formatter is another process: what needs no formatted text is made meanwhile.
    files, (revision, edits, before) = await beside(
        format_sources(workspace, sources), lambda: _surroundings(workspace, spec, catalog, sources)
    )
    files[revision.path] = revision.text
    entry = ledger.Entry(
        feature=spec.feature,
        spec=spec.to_document(),
        files={path: content_hash(text) for path, text in files.items()},
        revisions=(revision.id,),
    )
    edits |= {path: text.encode() for path, text in files.items()}
    edits |= [entry.to_file()]
    change_set = ChangeSet.between(f"Add feature {spec.feature}", before, edits)
    facts = {"routes": routes_of(spec, catalog), "revision": revision.id, "next": _NEXT}
    return Wanted("scaffold_feature", spec.feature, change_set, facts)


def _surroundings(
    workspace: Workspace, spec: "FeatureSpec", catalog: "Catalog", paths: Iterable[str]
) -> tuple[NewRevision, dict[str, bytes | None], dict[str, bytes | None]]:
    """The revision, the edits that the files (`paths`) need beside them, and all these files as they are now."""
    tables = [CreateTable(table) for table in tables_of(spec, catalog)]
    revision = new_revision(workspace, tables, f"Create {spec.names.table}")
    packages = workspace.layout.packages(spec.names)
    made = sorted([*paths, revision.path])
    # Read before anything is worked out from them: what somebody saves from here on is noticed, not written over.
    concerned = (*made, *packages, places.DISCOVERY, ledger.path_of(spec.feature))
    before = {path: workspace.read(path) for path in concerned}
    _refuse_overwriting([path for path in made if before[path] is not None])
    edits: dict[str, bytes | None] = {path: b"" for path in packages if before[path] is None}
    edits |= {path: text.encode() for path, text in places.registered(workspace).items()}
    return revision, edits, before


def _refuse_overwriting(in_the_way: Sequence[str]) -> None:
    if in_the_way:
        hint = "Choose another name or plural, or move the file away"
        raise Refused(*(Problem("SCF001", path, "this file exists already", hint) for path in in_the_way))
