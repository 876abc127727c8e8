"""Every revision works in both directions, with rows in every table."""

from mcp_server.gates.gate import Gate
from mcp_server.gates.tools.migration_proof import ENGINES, INPUTS, prove_round_trip

gate = Gate(
    id="migrations",
    group="database",
    title="Migrations up, down, up",
    inputs=INPUTS,
    run=prove_round_trip,
    weight=1.5,
    rank=40,
    tools=("*",),
    engines=ENGINES,
)
