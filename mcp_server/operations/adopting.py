"""`kit feature trace --adopt`: a feature that was written by hand gets its entry in the ledger, so that it can be extended.

Its files stay as they are. The entry keeps the hash of what the kit would have made of the spec: a file that reads
otherwise is one that was edited by hand, and is merged with. What is not there is not made.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256

from mcp_server.changes import ledger
from mcp_server.changes.change_set import ChangeSet
from mcp_server.features.catalog import Catalog, KnownFeature
from mcp_server.features.generate import generate
from mcp_server.inspection.uses import defined_in
from mcp_server.migrations.heads import versions_folder
from mcp_server.operations.change_result import ChangeResult
from mcp_server.operations.context import Context
from mcp_server.operations.feature_files import content_hash, routes_of
from mcp_server.operations.formatting import format_sources
from mcp_server.operations.known_features import catalog_of
from mcp_server.operations.settling import Wanted, settle
from mcp_server.operations.tracing import Trace, trace_feature
from mcp_server.workspace.errors import Problem, Refused
from mcp_server.workspace.lock import workspace_lock
from mcp_server.workspace.workspace import Workspace

_NAME = "adopt"
_NEXT = "extend_feature: what it cannot put into your files comes back as a patch"
_DONE = "Nothing to do: the ledger has it like this already"


async def adopt(context: Context, name: str, *, dry_run: bool = False) -> ChangeResult:
    """Record the traced spec, or show what that would change; of a feature that is in the ledger, what its parts are called
    and where they are by now.

    Raises what `trace_feature` raises; Refused TRC003 where the ledger has the feature with another spec, and with every
    hindrance (TRC01x, SPEC0xx) where the kit could not extend it.
    """
    workspace = context.workspace
    async with workspace_lock(workspace, _NAME):
        found = await trace_feature(context, name)
        feature, spec = found.spec.feature, found.spec.to_document()
        entry = ledger.read(workspace).get(feature)
        if entry is None:
            entry = ledger.Entry(feature, spec, {}, revisions=())
        elif entry.spec == spec and (entry.names, entry.places) == (found.names, found.places):
            return ChangeResult(feature=feature, next=_DONE)
        if entry.spec != spec:
            hint = "Use extend_feature; what is edited by hand beside the spec stays as it is"
            raise Refused(Problem("TRC003", feature, "the ledger has it already, with another spec", hint))
        if found.hindrances:
            raise Refused(*found.hindrances)
        return await settle(workspace, await _plan(workspace, entry, found), dry_run=dry_run)


async def _plan(workspace: Workspace, entry: ledger.Entry, found: Trace) -> Wanted:
    spec = found.spec
    known = KnownFeature.of(spec, found.layout, called=found.names)
    catalog = Catalog.of(*catalog_of(workspace).features.values(), known)
    made = await format_sources(workspace, generate(spec, catalog, found.layout))
    files = _files(workspace, found, made)
    migrations = f"{versions_folder(workspace)}/"
    revisions = {path: hash_ for path, hash_ in entry.files.items() if path.startswith(migrations)}
    entry = replace(entry, files=files | revisions, names=found.names, places=found.places)
    path, content = entry.to_file()
    before = {path: workspace.read(path)}
    change_set = ChangeSet.between(f"Adopt feature {spec.feature}", before, {path: content})
    facts = {
        "routes": routes_of(spec, catalog),
        "notes": list(_notes(workspace, found, made, files)),
        "next": _NEXT,
    }
    return Wanted(_NAME, spec.feature, change_set, facts)


def _files(workspace: Workspace, found: Trace, made: Mapping[str, str]) -> dict[str, str]:
    """What the ledger keeps of each file that is there. Tests that lack parts of those as made are of another make: what
    changes in these parts has no place in them. A factory that others cannot import from is none of the feature's files."""
    names = found.spec.names
    files = {path: content_hash(text) for path, text in made.items() if workspace.read(path) is not None}
    factory = found.layout.path("factory", names)
    for path in files.keys() & {factory, found.layout.path("tests", names)}:
        has = defined_in(workspace.text(path))
        if path == factory and f"make_{names.feature}" not in has:
            del files[path]
        elif not defined_in(made[path]) <= has:
            files[path] = ledger.OWN
    return files


def _notes(
    workspace: Workspace, found: Trace, made: Mapping[str, str], files: Mapping[str, str]
) -> Iterator[str]:
    if found.names:
        yield f"kept under your names: {', '.join(found.names.values())}"
    for path in sorted(made):
        now = workspace.read(path)
        if now is None:
            yield f"{path} is not there, and is not made"
        elif path not in files:
            yield f"{path} has no make_{found.spec.feature}: other features cannot refer to this one"
        elif files[path] == ledger.OWN:
            yield f"{path} is of your own making, and stays as it is"
        elif files[path] != sha256(now).hexdigest():
            yield f"{path} differs from what the spec gives"
    if found.gaps:
        yield f"{len(found.gaps)} gaps, which kit feature trace lists"
