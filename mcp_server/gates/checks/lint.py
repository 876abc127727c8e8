"""Ruff's rules, the async and security ones among them, as pyproject.toml selects them."""

from mcp_server.gates.gate import Gate, GateContext, Outcome
from mcp_server.gates.tools.ruff import INPUTS, run_ruff


async def run(context: GateContext) -> Outcome:
    """Lint without changing anything."""
    return await run_ruff(context, "check", "--no-fix")


gate = Gate(
    id="lint", group="backend", title="Lint", inputs=INPUTS, run=run, weight=0.1, rank=10, tools=("ruff",)
)
