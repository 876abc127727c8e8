"""`kit feature trace --adopt`: a feature that was written by hand gets its entry in the ledger, so that it can be extended.

Its files stay as they are. The entry keeps the hash of what the kit would have made of the spec: a file that reads
otherwise is one that was edited by hand, and is merged with. What is not there is not made.
"""

from mcp_server.changes import ledger
from mcp_server.changes.change_set import ChangeSet
from mcp_server.features.generate import generate
from mcp_server.operations.change_result import ChangeResult
from mcp_server.operations.context import Context
from mcp_server.operations.feature_files import content_hash, edited_by_hand, routes_of
from mcp_server.operations.formatting import format_sources
from mcp_server.operations.known_features import catalog_of
from mcp_server.operations.settling import Wanted, settle
from mcp_server.operations.tracing import Trace, trace_feature
from mcp_server.workspace.errors import Problem, Refused
from mcp_server.workspace.lock import workspace_lock
from mcp_server.workspace.workspace import Workspace

_NAME = "adopt"
_NEXT = "extend_feature: what it cannot put into your files comes back as a patch"
_DONE = "Nothing to do: the ledger has this very spec"


async def adopt(context: Context, name: str, *, dry_run: bool = False) -> ChangeResult:
    """Record the traced spec, or show what that would change.

    Raises what `trace_feature` raises; Refused TRC003 where the ledger has the feature with another spec, and with every
    hindrance (TRC01x, SPEC0xx) where the kit could not extend it.
    """
    workspace = context.workspace
    async with workspace_lock(workspace, _NAME):
        found = await trace_feature(context, name)
        feature, spec = found.spec.feature, found.spec.to_document()
        entry = ledger.read(workspace).get(feature)
        if entry is not None and entry.spec == spec:
            return ChangeResult(feature=feature, next=_DONE)
        if entry is not None:
            hint = "Use extend_feature; what is edited by hand beside the spec stays as it is"
            raise Refused(Problem("TRC003", feature, "the ledger has it already, with another spec", hint))
        if found.hindrances:
            raise Refused(*found.hindrances)
        return await settle(workspace, await _plan(workspace, found), dry_run=dry_run)


async def _plan(workspace: Workspace, found: Trace) -> Wanted:
    spec, catalog = found.spec, catalog_of(workspace)
    made = await format_sources(workspace, generate(spec, catalog, found.layout))
    now = {path: workspace.read(path) for path in made}
    hashes = {path: content_hash(text) for path, text in made.items() if now[path] is not None}
    entry = ledger.Entry(spec.feature, spec.to_document(), hashes, revisions=())
    path, content = entry.to_file()
    change_set = ChangeSet.between(f"Adopt feature {spec.feature}", {path: None}, {path: content})
    notes = [
        *(f"{each} differs from what the spec gives" for each in edited_by_hand(hashes, now)),
        *(f"{each} is not there, and is not made" for each in made if each not in hashes),
        *([f"{len(found.gaps)} gaps, which kit feature trace lists"] if found.gaps else ()),
    ]
    facts = {"routes": routes_of(spec, catalog), "notes": notes, "next": _NEXT}
    return Wanted(_NAME, spec.feature, change_set, facts)
