"""A small fixed set of features with every type, on the MySQL server of this machine: migrated both ways, and tested."""

from pathlib import Path
from typing import Any

from demo.scratch import scratch_workspace
from mcp_server.gates.runner import run_gates
from mcp_server.gates.tools.servers import MYSQL
from mcp_server.operations.scaffold_feature import ScaffoldRequest
from mcp_server.operations.scaffolding import scaffold
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.servers import require

ROOT = Path(__file__).parents[3]
SPECS: tuple[dict[str, Any], ...] = (
    {
        "feature": "order",
        "fields": [
            "group:string(1..650) unique",
            "story:string(..10000)?",
            "notes:text?",
            "limit:int=3 >=0 <=9 index",
            "rank:bigint?",
            "ratio:float >-1.5",
            "price:decimal(38,10) >=0",
            "paid:bool=false",
            "day:date=today",
            "seen:datetime?",
            "opens:time index",
            "token:uuid unique",
            "mail:email?",
            "site:url unique",
            "data:json={}",
            "image:bytes?",
            "kind:enum(UPPER,upper,back\\slash,100%,é)",
        ],
        "search": ["group", "notes", "site", "mail"],
        "filters": ["kind", "paid", "site", "limit", "price", "seen", "opens", "day"],
        "sort": ["group", "rank", "seen", "price", "created_at"],
        "indexes": [["kind", "-created_at"]],
    },
    {
        "feature": "order_line",
        "owner": "user",
        "fields": [
            "order:ref(order) on_delete=cascade",
            "parent:ref(self)?",
            "name:string(..100)",
            "a_rather_long_name_that_still_fits_into_fifty_char:enum(one,two)=one",
        ],
        "unique": [["owner", "name"]],
        "sort": ["name", "updated_at"],
    },
)


async def test_every_type_on_mysql() -> None:
    await require(MYSQL)
    with scratch_workspace(ROOT) as root:
        for path in (root / "tests/app").glob("*/test_*.py"):
            path.unlink()
        workspace = Workspace.open(root)
        for spec in SPECS:
            await scaffold(workspace, ScaffoldRequest(spec=spec))
        child = WarmChild(workspace)
        try:
            report = await run_gates(
                workspace, child, only=["migrations-mysql", "tests-mysql"], use_cache=False
            )
        finally:
            await child.close()
    found = {result.gate: (result.status, result.findings) for result in report.results}
    assert found == {"migrations-mysql": ("passed", ()), "tests-mysql": ("passed", ())}
    tests = next(result for result in report.results if result.gate == "tests-mysql")
    assert int(tests.summary.split(maxsplit=1)[0]) > 100
