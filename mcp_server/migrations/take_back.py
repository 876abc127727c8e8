"""Downgrading a database by revisions that are about to disappear. Only for `undo`; never on a protected database."""

from dataclasses import dataclass

from mcp_server.migrations import heads
from mcp_server.migrations.apply import SECONDS, back_up
from mcp_server.migrations.draft import CHILD, read_target
from mcp_server.migrations.target import Target
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Standing:
    """A database that has `revisions` (oldest first) applied as its newest ones; `below` is what comes before them."""

    target: Target
    current: tuple[str, ...]
    revisions: tuple[str, ...]
    below: str | None

    async def rows(self, child: WarmChild, tables: list[str]) -> dict[str, int]:
        """Rows per table, for those that have some."""
        counts: dict[str, int | None] = await child.call(f"{CHILD}:row_counts", tables=tables)
        return {table: count for table, count in counts.items() if count}


async def standing(workspace: Workspace, child: WarmChild, revisions: tuple[str, ...]) -> Standing | None:
    """Whether the app's database has some of these revisions (oldest first, nothing builds on them); None if not.

    Raises KitError where the database cannot be read: nobody knows then what is applied.
    """
    graph = heads.read(workspace)
    current = tuple((await child.call(f"{CHILD}:state"))["current"])
    applied = frozenset[str]().union(*(graph.ancestors(one) for one in current))
    found = tuple(one for one in revisions if one in applied)
    if not found:
        return None
    parents = graph.revisions[found[0]].parents
    return Standing(await read_target(workspace, child), current, found, parents[0] if parents else None)


async def take_back(workspace: Workspace, child: WarmChild, applied: Standing) -> str | None:
    """Downgrade to below the revisions; the copy of an SQLite file that was made first, relative to the root."""
    if applied.target.class_ == "protected":
        raise ValueError(f"{applied.target} is never downgraded")
    backup = await back_up(workspace, child, applied.target, applied.current)
    await child.call(f"{CHILD}:downgrade", timeout=SECONDS, target=applied.below)
    return backup
