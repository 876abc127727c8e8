"""The models and the schema that the revisions build are the same, compared strictly."""

from mcp_server.gates.gate import Gate
from mcp_server.gates.tools.migration_proof import ENGINES, INPUTS, prove_no_drift

gate = Gate(
    id="drift",
    group="database",
    title="No drift",
    inputs=INPUTS,
    run=prove_no_drift,
    weight=1,
    rank=41,
    tools=("*",),
    engines=ENGINES,
)
