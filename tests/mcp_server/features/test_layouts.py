"""The same specs give gate-green features wherever the workspace keeps its files."""

from pathlib import Path

import pytest

from demo.scratch import scratch_workspace
from mcp_server.features.naming import Names
from mcp_server.inspection import source
from mcp_server.operations.scaffold_feature import ScaffoldRequest
from mcp_server.operations.scaffolding import scaffold
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.features.proving import GATES, KIT, judge

ROOT = Path(__file__).parents[3]
SPECS = (
    {"feature": "supplier", "fields": ["name:string unique", "kind:enum(a,b)", "category:ref(category)"], "filters": ["kind"]},
    {"feature": "delivery", "owner": "user", "fields": ["supplier:ref(supplier)", "parent:ref(self)?"], "filters": ["supplier"]},
)  # fmt: skip
"""References to a feature that is where another layout had it, to one of this layout, and to itself."""
DOMAINS = 'layout = "domains"'
OWN_PATHS = """layout = "layered"
[tool.fastapi-agent-kit.paths]
model = "src/backend/models/{feature}_model.py"
schemas = "src/backend/schemas/{feature}.py"
repository = "src/backend/repositories/{feature}.py"
service = "src/backend/services/{feature}.py"
endpoints = "src/backend/api/v1/{plural}.py"
"""


def choose(root: Path, settings: str) -> Workspace:
    pyproject = root / "pyproject.toml"
    text = pyproject.read_text()
    assert text.count('layout = "layered"\n') == 1
    pyproject.write_text(text.replace('layout = "layered"\n', f"{settings}\n"))
    return Workspace.open(root)


@pytest.mark.parametrize(
    ("settings", "endpoints", "model"),
    [
        (DOMAINS, "app/domains/delivery/routes.py", "app.domains.delivery.models"),
        (OWN_PATHS, "src/backend/api/v1/deliveries.py", "src.backend.models.delivery_model"),
    ],
    ids=["domains", "src/backend"],
)
async def test_features_pass_the_gates_in_every_layout(settings: str, endpoints: str, model: str) -> None:
    with scratch_workspace(ROOT) as root:
        workspace = choose(root, settings)
        for spec in SPECS:
            await scaffold(workspace, ScaffoldRequest(spec=spec))
        assert (root / endpoints).is_file()
        assert not (root / "app/services/delivery.py").exists()
        place = workspace.layout.modules("model")
        assert (root / "app/core/discovery.py").read_text().count(f'"{place}"') == 1
        assert {one.feature: one.module for one in source.models(workspace)}["delivery"] == model
        assert {"category", "product", "supplier", "delivery"} <= {
            one.name for one in source.features(workspace)
        }
        child = WarmChild(workspace)
        try:
            served = await child.call("mcp_server.inspection.live:routes")
        finally:
            await child.close()
        assert "/api/v1/deliveries/{public_id}" in {route["path"] for route in served}
        names = [Names.of("supplier", "suppliers"), Names.of("delivery", "deliveries")]
        results = await judge(workspace, names, wholly=False)
        assert {result.gate for result in results} == {*GATES, "tests"}
        bad = [
            (result.gate, result.status, result.summary, [str(one) for one in result.findings[:9]])
            for result in results
            if result.status != "passed"
            and not (result.findings and all(one.file.startswith(KIT) for one in result.findings))
        ]
        assert not bad
