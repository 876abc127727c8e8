"""The database servers of this machine, for tests that need a real one."""

import pytest

from mcp_server.gates.tools.login import refusal
from mcp_server.gates.tools.servers import Server


async def usable(server: Server) -> bool:
    """Whether the usual server of a kind listens on this machine and lets us in."""
    return server.answers() and await refusal(server.usual) is None


async def require(server: Server) -> str:
    """The address of the usual server of a kind; skips the test where there is none for us."""
    if not await usable(server):
        pytest.skip(f"no {server.title} server lets us in at {server.usual}")
    return server.usual
