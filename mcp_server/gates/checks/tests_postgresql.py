"""The service's tests again, on the PostgreSQL server of this machine where there is one.

The tests read TEST_DATABASE_URL, and create and drop databases of their own on that server.
"""

from mcp_server.gates.gate import Gate, GateContext, Outcome
from mcp_server.gates.result import passed
from mcp_server.gates.tools.postgresql import address, answers, server_facts, server_url
from mcp_server.gates.tools.pytest_suite import run_suite
from mcp_server.gates.tools.service_tests import INPUTS, paths_to_run


async def run(context: GateContext) -> Outcome:
    """Run the suite on PostgreSQL, without measuring coverage a second time."""
    url = server_url()
    if not answers(url):
        return Outcome("not_run", f"no PostgreSQL server answers at {address(url)}")
    paths = paths_to_run(context)
    if not paths:
        return passed("no test depends on what changed")
    return await run_suite(context, paths, seconds=540, env={"TEST_DATABASE_URL": url})


gate = Gate(
    id="tests-postgresql",
    group="backend",
    title="Tests on PostgreSQL",
    inputs=INPUTS,
    run=run,
    weight=5,
    rank=65,
    tools=("*",),
    facts=server_facts,
)
