"""The work behind `remove_feature`: everything the kit made of a feature goes, if nothing else uses it."""

import ast
from collections.abc import Iterator, Mapping, Set
from typing import TYPE_CHECKING

from mcp_server.changes import ledger
from mcp_server.changes.change_set import ChangeSet
from mcp_server.features.shared_enums import shared_name
from mcp_server.features.tables import tables_of
from mcp_server.migrations import heads
from mcp_server.operations.change_result import ChangeResult
from mcp_server.operations.context import Context
from mcp_server.operations.feature_files import content_hash, edited_by_hand, new_revision
from mcp_server.operations.known_features import catalog_of, entry_of, spec_of
from mcp_server.operations.remove_feature import RemoveRequest
from mcp_server.operations.settling import Wanted, settle
from mcp_server.schema.difference import schema_steps
from mcp_server.workspace.errors import KitError, Problem, Refused
from mcp_server.workspace.layout import module_of
from mcp_server.workspace.lock import workspace_lock
from mcp_server.workspace.syntax import parse
from mcp_server.workspace.workspace import Workspace

if TYPE_CHECKING:
    from mcp_server.features.spec import FeatureSpec

_NEXT = "plan_migration shows what the drop loses, apply_migration with its token drops the table"


async def remove(context: Context, request: RemoveRequest) -> ChangeResult:
    """Remove the feature, or show what that would change.

    Raises InvalidInput FTR001 or FTR002 where there is no such feature of the kit, Refused RMV001 while features or RMV002
    while other files use it, RMV003 where files were edited by hand.
    """
    workspace = context.workspace
    async with workspace_lock(workspace, "remove_feature"):
        entry = entry_of(workspace, request.feature)
        revisions = {one.path for one in heads.read(workspace).revisions.values()}
        files = {path: made for path, made in entry.files.items() if path not in revisions}
        before = {path: workspace.read(path) for path in files}
        problems = [*_users(workspace, entry, files.keys())]
        if not request.force:
            hint = "Look at the edits first; force removes them too, and undo_change gives them back"
            edited = edited_by_hand(files, before)
            problems += [Problem("RMV003", path, "was edited by hand", hint) for path in edited]
        if problems:
            raise Refused(*problems)
        return await settle(workspace, await _plan(context, entry, before), dry_run=request.dry_run)


async def _plan(context: Context, entry: ledger.Entry, before: Mapping[str, bytes | None]) -> Wanted:
    """The change that takes out the files of `before`, which are judged as they are there."""
    workspace, spec = context.workspace, spec_of(entry)
    tables = tables_of(spec, catalog_of(workspace))
    revision = new_revision(workspace, schema_steps(tables, ()), f"Drop {spec.names.table}")
    after: dict[str, bytes | None] = dict.fromkeys((*before, ledger.path_of(spec.feature)))
    after[revision.path] = revision.text.encode()
    before = {path: workspace.read(path) for path in after if path not in before} | {**before}
    change_set = ChangeSet.between(f"Remove feature {spec.feature}", before, after)
    facts = {
        "revision": revision.id,
        "notes": await _rows(context, [one.name for one in tables]),
        "next": _NEXT,
    }
    return Wanted("remove_feature", spec.feature, change_set, facts)


async def _rows(context: Context, tables: list[str]) -> list[str]:
    """What the database holds of it now, where one can be asked."""
    from mcp_server.migrations.draft import CHILD

    try:
        found = await context.child.call(f"{CHILD}:row_counts", tables=tables)
    except KitError as error:
        return [f"nobody could count the rows of {', '.join(tables)}: {error.problems[0].reason[:200]}"]
    return [
        f"{table} is in no database yet" if rows is None else f"{table} holds {rows} rows"
        for table, rows in found.items()
    ]


def _users(workspace: Workspace, entry: ledger.Entry, files: Set[str]) -> Iterator[Problem]:
    """Who refers to the feature: other features by their specs, other files by their imports."""
    made: dict[str, str] = {}
    for other in ledger.read(workspace).values():
        if other.feature != entry.feature:
            made |= other.files
            for path in sorted(files & other.files.keys()):
                hint = f"Take what is left of {entry.feature} out by hand, and undo its adoption"
                yield Problem("RMV001", path, f"is a file of {other.feature}, too", hint)
            yield from _references(spec_of(other), spec_of(entry))
    yield from _importers(workspace, files, made)


def _references(spec: "FeatureSpec", removed: "FeatureSpec") -> Iterator[Problem]:
    hint = f"Drop the field first (extend_feature), or remove {spec.feature} first"
    enums = {enum.name for enum in removed.enums}
    for field in spec.fields:
        place = f"{spec.feature}.{field.name}"
        if field.type.name in ("ref", "one", "many") and spec.target_of(field) == removed.feature:
            yield Problem("RMV001", place, f"refers to {removed.feature}", hint)
        elif (enum := shared_name(field.type)) in enums:
            yield Problem("RMV001", place, f"shares the enum {enum} of {removed.feature}", hint)


def _importers(workspace: Workspace, files: Set[str], made: Mapping[str, str]) -> Iterator[Problem]:
    """The imports of `files` in all others, but for those that are as the kit made them (path to hash): specs tell of these."""
    modules = {module_of(path) for path in files}
    patterns = ("app/**/*.py", "tests/app/**/*.py", *workspace.layout.source_globs)
    served = {*workspace.source_files(*patterns)}
    for path in sorted({*served, *workspace.files("**/*.py")} - files):
        text = (workspace.read(path) or b"").decode(errors="replace")
        named = any(module.rpartition(".")[2] in text for module in modules)
        if not named or content_hash(text) == made.get(path):
            continue
        try:
            yield from _imports(path, parse(text), modules)
        except SyntaxError as error:
            if path in served:  # elsewhere a file may be broken on purpose, as the data of a test
                reason = f"is no valid Python ({error.msg}), and may import what has to go"
                yield Problem("RMV002", f"{path}:{error.lineno or 1}", reason, "Mend the file first")


def _imports(path: str, tree: ast.Module, modules: Set[str]) -> Iterator[Problem]:
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(names=names):
                module = _absolute(path, node)
                found = [module, *(f"{module}.{alias.name}" for alias in names)]
            case ast.Import(names=names):
                found = [alias.name for alias in names]
            case _:
                continue
        for module in found:
            if module in modules:
                hint = "Take the import and what needs it out first"
                yield Problem("RMV002", f"{path}:{node.lineno}", f"imports {module}", hint)


def _absolute(path: str, node: ast.ImportFrom) -> str:
    """The module that an import of a file names, counted from the root."""
    package = path.split("/")[: -node.level] if node.level else []
    return ".".join([*package, *([node.module] if node.module else [])])
