"""What an operation is given besides its request."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace

Progress = Callable[[float, float | None, str], Awaitable[None]]
"""Told about each step of long work: `(done, total, message)`; `total` is None while it is not known."""


async def no_progress(_done: float, _total: float | None, _message: str) -> None:
    """For callers who did not ask to be told."""


@dataclass(frozen=True, slots=True)
class Context:
    workspace: Workspace
    child: WarmChild
    report_progress: Progress = no_progress
