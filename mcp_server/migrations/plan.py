"""Everything to know before a database is changed, and the token that allows it."""

import asyncio

from mcp_server.migrations import apply as applying
from mcp_server.migrations import token as tokens
from mcp_server.migrations.draft import Draft, draft
from mcp_server.migrations.drift import drift
from mcp_server.migrations.engines import is_mysql
from mcp_server.migrations.results import MigrationPlan
from mcp_server.migrations.round_trip import round_trip
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace


async def plan(workspace: Workspace, child: WarmChild, *, prove: bool = True) -> MigrationPlan:
    """Plan the upgrade of the app's database to the head; nothing is changed.

    With `prove`, the round trip and the comparison with the models run beside it. KitError for several heads, a database
    that cannot be read or one at an unknown revision.
    """
    if prove:
        try:
            async with asyncio.TaskGroup() as group:
                drafting = group.create_task(draft(workspace, child))
                turning = group.create_task(round_trip(workspace, child))
                comparing = group.create_task(drift(workspace, child))
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None  # callers expect the error itself
        made, trip, found = drafting.result(), turning.result(), comparing.result()
    else:
        made, trip, found = await draft(workspace, child), None, ()
    interrupted = applying.interrupted(workspace, made.target, made.current)
    return MigrationPlan(
        target=made.target,
        current=made.current,
        head=made.head,
        revisions=made.revisions,
        heads=made.heads,
        round_trip=trip,
        drift=found,
        problems=made.problems + ((interrupted,) if interrupted else ()),
        notes=_notes(made),
        token=tokens.save(workspace, made.material) if made.revisions and not made.problems else "",
    )


def _notes(made: Draft) -> tuple[str, ...]:
    if not (made.revisions and is_mysql(made.target.engine)):
        return ()
    return (
        "MySQL commits every change of the schema at once: a revision that fails half way stays half applied. "
        "Make a backup first; apply_migration tells the statement it stopped at",
    )
