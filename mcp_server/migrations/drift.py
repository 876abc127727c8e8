"""Do the models and the revisions say the same? Compared strictly, on scratch databases."""

from mcp_server.migrations.draft import CHILD
from mcp_server.migrations.results import Difference
from mcp_server.migrations.round_trip import SECONDS, refuse_remote, revision_paths
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace


async def drift(workspace: Workspace, child: WarmChild, server: str | None = None) -> tuple[Difference, ...]:
    """Every difference; empty when there is none. `server` as for `round_trip`. KitError for several heads."""
    files = revision_paths(workspace)
    refuse_remote(workspace, server)
    found = await child.call(f"{CHILD}:drift", timeout=SECONDS, files=files, server=server)
    return tuple(Difference(**one) for one in found)
