"""The tree looks the way `ruff format` writes it."""

from mcp_server.gates.gate import Gate, GateContext, Outcome
from mcp_server.gates.tools.ruff import INPUTS, run_ruff


async def run(context: GateContext) -> Outcome:
    """Ask ruff which files it would rewrite."""
    return await run_ruff(context, "format", "--check")


gate = Gate(
    id="format",
    group="backend",
    title="Formatting",
    inputs=INPUTS,
    run=run,
    weight=0.1,
    rank=90,
    tools=("ruff",),
)
