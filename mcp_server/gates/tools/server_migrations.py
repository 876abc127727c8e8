"""The gates over revisions and models that run on a database server of this machine where there is one."""

from mcp_server.gates.gate import Gate, GateContext, Outcome
from mcp_server.gates.tools.migration_proof import ENGINES, INPUTS, prove_no_drift, prove_round_trip
from mcp_server.gates.tools.servers import Server, where_it_answers


def migrations_gate(server: Server) -> Gate:
    """The gate over revisions and models on this server."""

    async def prove(context: GateContext) -> Outcome:
        """Prove the round trip first: where it fails, differences only follow from it."""
        proof = await prove_round_trip(context, server.url())
        if proof.status != "passed":
            return proof
        drift = await prove_no_drift(context, server.url())
        return drift if drift.status != "passed" else proof

    return Gate(
        id=f"migrations-{server.id}",
        group="database",
        title=f"Migrations on {server.title}",
        inputs=INPUTS,
        run=where_it_answers(server, prove),
        weight=2,
        rank=42,
        tools=("*",),
        engines=ENGINES,
        facts=server.facts,
    )
