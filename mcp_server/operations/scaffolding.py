"""The work behind `scaffold_feature`: spec -> files, migration and ledger entry -> one change set -> applied or shown."""

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from mcp_server.changes import history, journal, ledger, staged
from mcp_server.changes.change_set import ChangeSet
from mcp_server.features.generate import generate
from mcp_server.features.load import read_document
from mcp_server.features.nested import nested_of
from mcp_server.features.tables import tables_of
from mcp_server.features.validate import require_valid
from mcp_server.features.yaml_text import read_text
from mcp_server.migrations import heads
from mcp_server.migrations.write import file_name, write_revision
from mcp_server.operations import places
from mcp_server.operations.formatting import format_sources
from mcp_server.operations.known_features import catalog_of
from mcp_server.operations.scaffold_feature import ScaffoldRequest, ScaffoldResult
from mcp_server.schema.operations import CreateTable
from mcp_server.workspace.errors import InvalidInput, Problem, Refused
from mcp_server.workspace.lock import workspace_lock
from mcp_server.workspace.workspace import Workspace

if TYPE_CHECKING:
    from mcp_server.features.catalog import Catalog
    from mcp_server.features.spec import FeatureSpec

_NESTED_METHODS = {"list": "GET", "create": "POST"}
_NEXT = "plan_migration, then apply_migration, then run_quality_gates"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a scaffold would write."""

    change_set: ChangeSet
    revision: str


async def scaffold(workspace: Workspace, request: ScaffoldRequest) -> ScaffoldResult:
    """Create the feature, or show what creating it would change. Raises InvalidInput or Refused; then nothing changed."""
    spec, unread = read_document(_document(request))
    async with workspace_lock(workspace, "scaffold_feature"):
        entry, catalog = ledger.read(workspace).get(spec.feature), catalog_of(workspace)
        if entry is not None and not unread and entry.spec == spec.to_document():
            return _result(
                spec,
                catalog,
                revision=entry.revision,
                next="Nothing to do: it was made from this very spec",
            )
        require_valid(spec, catalog, unread)
        plan = await _plan(workspace, spec, catalog)
        staged.check(workspace, plan.change_set)
        if request.dry_run:
            return _shown(workspace, spec, catalog, plan)
        await journal.apply(workspace, plan.change_set)
        change_id = history.record(workspace, plan.change_set, "scaffold_feature")
    files = _line_counts(plan.change_set)
    return _result(spec, catalog, files=files, revision=plan.revision, change_id=change_id, next=_NEXT)


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


async def _plan(workspace: Workspace, spec: "FeatureSpec", catalog: "Catalog") -> Plan:
    """The change set that creates the feature. Raises Refused SCF001 where a file is in the way."""
    layout = workspace.layout
    files = await format_sources(workspace, generate(spec, catalog, layout))
    revision, path, text = _migration(workspace, spec, catalog)
    files[path] = text
    entry = ledger.Entry(
        feature=spec.feature,
        spec=spec.to_document(),
        files={path: sha256(text.encode()).hexdigest() for path, text in sorted(files.items())},
        revision=revision,
    )
    _refuse_overwriting(workspace, files)
    after: dict[str, bytes | None] = {
        marker: b"" for marker in layout.packages(spec.names) if workspace.read(marker) is None
    }
    after |= {path: text.encode() for path, text in files.items()}
    after |= {path: text.encode() for path, text in places.registered(workspace).items()}
    ledger_path, content = entry.to_file()
    after[ledger_path] = content
    before = {path: workspace.read(path) for path in after}
    return Plan(ChangeSet.between(f"Add feature {spec.feature}", before, after), revision)


def _migration(workspace: Workspace, spec: "FeatureSpec", catalog: "Catalog") -> tuple[str, str, str]:
    """Id, path and text of the revision that creates the table.

    The id is drawn from the content, not from chance: a dry run has to show the very bytes that are applied later.
    """
    steps = [CreateTable(table) for table in tables_of(spec, catalog)]
    message = f"Create {spec.names.table}"
    parent = heads.read(workspace).head
    without_id = write_revision(steps, message=message, down_revision=parent, revision="")
    revision = sha256(without_id.encode()).hexdigest()[:12]
    text = write_revision(steps, message=message, down_revision=parent, revision=revision)
    return revision, f"{heads.versions_folder(workspace)}/{file_name(revision, message)}", text


def _refuse_overwriting(workspace: Workspace, paths: "dict[str, str]") -> None:
    in_the_way = [path for path in sorted(paths) if workspace.read(path) is not None]
    if in_the_way:
        hint = "Choose another name or plural, or move the file away"
        raise Refused(*(Problem("SCF001", path, "this file exists already", hint) for path in in_the_way))


def _shown(workspace: Workspace, spec: "FeatureSpec", catalog: "Catalog", plan: Plan) -> ScaffoldResult:
    diff = plan.change_set.diff()
    folder = workspace.scratch / "diffs"
    folder.mkdir(exist_ok=True)
    file = folder / f"{spec.feature}.diff"
    file.write_text(diff, encoding="utf-8")
    return _result(
        spec,
        catalog,
        files=_line_counts(plan.change_set),
        revision=plan.revision,
        diff=diff,
        diff_file=file.relative_to(workspace.root).as_posix(),
        next="Nothing was written. Call again without dry_run to apply exactly this",
    )


def _line_counts(change_set: ChangeSet) -> dict[str, int]:
    return {change.path: (change.after or b"").count(b"\n") for change in change_set.changes}


def _result(spec: "FeatureSpec", catalog: "Catalog", **facts: Any) -> ScaffoldResult:
    return ScaffoldResult(feature=spec.feature, routes=_routes(spec, catalog), **facts)


def _routes(spec: "FeatureSpec", catalog: "Catalog") -> list[str]:
    """The routes of the feature, below the prefix of the API."""
    one, all_ = f"/{spec.names.path}/{{public_id}}", f"/{spec.names.path}"
    routes = {
        "list": f"GET {all_}",
        "get": f"GET {one}",
        "create": f"POST {all_}",
        "replace": f"PUT {one}",
        "update": f"PATCH {one}",
        "delete": f"DELETE {one}",
        "bulk_create": f"POST {all_}/bulk",
    }
    nested = [
        f"{_NESTED_METHODS[operation]} {each.path}"
        for each in nested_of(spec, catalog)
        for operation in each.operations
    ]
    return [route for operation, route in routes.items() if operation in spec.operations] + nested
