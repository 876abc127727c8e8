"""Revisions and models on the PostgreSQL server of this machine, where there is one."""

from mcp_server.gates.gate import Gate, GateContext, Outcome
from mcp_server.gates.tools.migration_proof import ENGINES, INPUTS, prove_no_drift, prove_round_trip
from mcp_server.gates.tools.postgresql import address, answers, server_facts, server_url


async def run(context: GateContext) -> Outcome:
    """Prove the round trip first: where it fails, differences only follow from it."""
    url = server_url()
    if not answers(url):
        return Outcome("not_run", f"no PostgreSQL server answers at {address(url)}")
    proof = await prove_round_trip(context, url)
    if proof.status != "passed":
        return proof
    drift = await prove_no_drift(context, url)
    return drift if drift.status != "passed" else proof


gate = Gate(
    id="migrations-postgresql",
    group="database",
    title="Migrations on PostgreSQL",
    inputs=INPUTS,
    run=run,
    weight=2,
    rank=42,
    tools=("*",),
    engines=ENGINES,
    facts=server_facts,
)
