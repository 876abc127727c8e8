"""What the gates that run the kit's own tests share. The longest rooms are gates of their own, to run beside it.

The tests copy the whole workspace and work in the copy, so every file is an input, except the features that the kit
made: the gates of the service answer for those, and an edited feature must not cost minutes. Whether the shipped ones
still are what their specs produce is asked by a gate of its own, in a second.
"""

from collections.abc import Awaitable, Callable

from mcp_server.changes import ledger
from mcp_server.gates.gate import Gate, GateContext, Outcome, nothing
from mcp_server.gates.tools.pytest_suite import run_suite
from mcp_server.workspace.globs import matcher
from mcp_server.workspace.workspace import Workspace

FOLDER = "tests/mcp_server"
APART = ("adapters", "features", "operations", "sequences", "shipped")
"""Rooms with a gate of their own: most take minutes, the last depends on the features themselves."""

LIMIT = 1800.0
"""Seconds; a loaded machine of two cores needs a third of it."""

_KIT = matcher(("mcp_server/**", f"{FOLDER}/**", "pyproject.toml"))


def kit_gate(room: str, title: str, weight: float) -> Gate:
    """Make the gate over the tests of one room, or over all rooms that have none of their own (`room` empty)."""
    return Gate(
        id=f"kit-tests-{room}" if room else "kit-tests",
        group="workspace",
        title=title,
        inputs=("**",),
        run=_run(room),
        weight=weight,
        rank=70,
        limit=LIMIT + 60,
        tools=("*",),
        engines=("changes",),
        present=lambda workspace: bool(_paths(workspace, room)),
        leaves_out=nothing if room == "shipped" else made_features,
    )


def made_features(workspace: Workspace) -> set[str]:
    """The files of the features that the kit made, and the ledger that lists them."""
    entries = ledger.read(workspace)
    return {path for entry in entries.values() for path in (*entry.files, entry.to_file()[0])}


def _run(room: str) -> Callable[[GateContext], Awaitable[Outcome]]:
    async def run(context: GateContext) -> Outcome:
        """Run them all; an affected-only run leaves the kit alone unless the kit itself has changed."""
        if context.changed is not None and not any(map(_KIT, context.changed)):
            return Outcome("not_run", "the kit itself has not changed; a full run tests it")
        return await run_suite(context, _paths(context.workspace, room), seconds=LIMIT)

    return run


def _paths(workspace: Workspace, room: str) -> tuple[str, ...]:
    """Return the folders and files to collect; a room that is new belongs to the common gate by itself."""
    tests = workspace.files(f"{FOLDER}/**/test_*.py")
    entries = {path.removeprefix(f"{FOLDER}/").partition("/")[0] for path in tests} - {"data"}
    chosen = entries & {room} if room else entries - set(APART)
    return tuple(f"{FOLDER}/{entry}" for entry in sorted(chosen))
