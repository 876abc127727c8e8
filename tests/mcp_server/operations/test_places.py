"""The places where the service looks for models and routers get that of another layout, whatever stands above them."""

from pathlib import Path

from mcp_server.operations.places import DISCOVERY, registered
from mcp_server.workspace.workspace import Workspace

ABOVE = '# form feed \x0c, \u2028 and \u00e4\nROUTERS = ("app.api.v1.*",)  # ours\n'


def test_a_place_is_put_behind_the_last_one(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.fastapi-agent-kit]\nlayout = "domains"\n')
    (tmp_path / DISCOVERY).parent.mkdir(parents=True)
    (tmp_path / DISCOVERY).write_text(f'{ABOVE}MODELS = (\n    "\u00fc",\n    "app.models.*",\n)\n')
    wanted = f'{ABOVE}MODELS = (\n    "\u00fc",\n    "app.models.*", "app.domains.*.models",\n)\n'
    wanted = wanted.replace('v1.*"', 'v1.*", "app.domains.*.routes"')
    assert registered(Workspace.open(tmp_path)) == {DISCOVERY: wanted}
    (tmp_path / DISCOVERY).write_text(wanted)
    assert registered(Workspace.open(tmp_path)) == {}
