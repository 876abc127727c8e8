"""Labels and prose with every mark that some language takes for its own, through create and extend, on each server."""

import json
from pathlib import Path

import pytest

from demo.scratch import scratch_workspace
from mcp_server.gates.runner import run_gates
from mcp_server.gates.tools.servers import MYSQL, POSTGRESQL
from mcp_server.operations.extend_feature import ExtendRequest
from mcp_server.operations.extending import extend
from mcp_server.operations.scaffold_feature import ScaffoldRequest
from mcp_server.operations.scaffolding import scaffold
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.servers import usable

ROOT = Path(__file__).parents[3]
LABELS = [
    "Don't know",
    '5" pipe',
    "back\\slash",
    "100 %",
    ":colon",
    "naïve",
    ":name",
    "%(x)s",
    'the "best" one',
    "?",
    "50%%",
    "10 – 20 ×",
    "старый",
]
PROSE = 'It isn\'t 100 % "best" – α :name %(x)s \\'
FIELDS = [
    f"answer:enum({','.join(map(json.dumps, LABELS))})={json.dumps(LABELS[0])} {json.dumps(PROSE)}",
    f"note:string(..100)={json.dumps(PROSE)}",
    f"tags:list(enum({','.join(map(json.dumps, LABELS))}))",
    """code:string(..40) pattern="^[^'\\"]+'s$\"""",
]
NEXT = ["it's new", *LABELS[:6], *LABELS[7:]]
GATES = ["format", "lint", "openapi", "migrations", "drift", "tests"]


async def test_a_feature_of_awkward_texts_is_made_extended_and_passes() -> None:
    servers = [server for server in (POSTGRESQL, MYSQL) if await usable(server)]
    wanted = [*GATES, *(f"{gate}-{server.id}" for gate in ("migrations", "tests") for server in servers)]
    with scratch_workspace(ROOT) as root:
        for path in (root / "tests/app").glob("*/test_*.py"):
            path.unlink()
        workspace = Workspace.open(root)
        await scaffold(
            workspace,
            ScaffoldRequest(
                feature="survey",
                fields=FIELDS,
                description='The "best" one isn\'t 5" wide, it is – more or less – "6"',
                filters=["answer", "note"],
                sort=["answer"],
                search=["note"],
            ),
        )
        change = f"answer:enum({','.join(map(json.dumps, NEXT))})"
        more = f"mood:enum(fine,{json.dumps(LABELS[1])})"
        await extend(
            workspace, ExtendRequest(feature="survey", change=[change], add=[more], fill={"mood": LABELS[1]})
        )
        child = WarmChild(workspace)
        try:
            report = await run_gates(workspace, child, only=wanted, use_cache=False)
        finally:
            await child.close()
    found = {result.gate: (result.status, result.findings) for result in report.results}
    tests = found.pop("tests")  # coverage speaks of features whose tests are gone
    assert found == dict.fromkeys(found, ("passed", ()))
    assert found.keys() | {"tests"} == set(wanted)
    assert not [one for one in tests[1] if "survey" in one.file], tests
    if len(servers) < 2:
        pytest.skip(f"only SQLite and {[server.id for server in servers]} answered")
