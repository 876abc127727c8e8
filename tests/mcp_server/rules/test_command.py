"""`kit rules sync` and `kit rules check`, and the gate over PRPs, in a workspace of their own."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mcp_server.adapters.cli.main import build
from mcp_server.gates.checks.prps import gate
from mcp_server.gates.gate import GateContext
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.prps.test_check import BODY, FRONT
from tests.mcp_server.rules.test_publish import SOURCES, make

PROJECT = '[tool.fastapi-agent-kit]\nlayout = "layered"\n'


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    prp = f"---\n{FRONT.replace('gates: [tests]', 'gates: [prps]')}---\n{BODY}"
    agent = ".claude/agents/builder.md"
    make(
        tmp_path,
        {**SOURCES, "pyproject.toml": PROJECT, "PRPs/parts/prp.md": prp, agent: "", "notes.md": "notes"},
    )
    monkeypatch.setenv("KIT_ROOT", str(tmp_path))
    return tmp_path


def kit(*arguments: str) -> Result:
    return CliRunner().invoke(build(), ["rules", *arguments])


def test_sync_writes_once(root: Path) -> None:
    first = kit("sync", "--json")
    assert first.exit_code == 0, first.output
    written = json.loads(first.stdout)["written"]
    assert {"AGENTS.md", "CLAUDE.md", "MULTI_AGENT_PLAN.md", ".cursor/rules/10-api.mdc"} <= set(written)
    assert all((root / path).is_file() for path in written)
    assert json.loads(kit("sync", "--json").stdout) == {"written": [], "deleted": []}
    assert "published already" in kit("sync").stdout


def test_sync_deletes_what_lost_its_source(root: Path) -> None:
    kit("sync")
    (root / "rules/10-api.md").unlink()
    assert ".claude/rules/10-api.md" in json.loads(kit("sync", "--json").stdout)["deleted"]
    assert not (root / ".claude/rules/10-api.md").exists()


def test_sync_refuses_to_overwrite(root: Path) -> None:
    make(root, {".cursor/rules/10-api.mdc": "mine\n"})
    refused = kit("sync")
    assert refused.exit_code == 3
    assert "RULE005" in refused.output
    assert not (root / "AGENTS.md").exists()


def test_check_finds_drift_and_writes_nothing(root: Path) -> None:
    before = {path for path in root.rglob("*") if ".kit" not in path.parts}
    found = kit("check")
    assert found.exit_code == 1
    assert "RULE004" in found.output
    assert "PLAN001" in found.output
    assert {path for path in root.rglob("*") if ".kit" not in path.parts} == before


async def test_the_gate_names_file_and_code(root: Path) -> None:
    synced = await asyncio.to_thread(kit, "sync")  # it runs a loop of its own
    assert synced.exit_code == 0, synced.output
    workspace = Workspace.open(root)
    context = GateContext(workspace, WarmChild(workspace), workspace.scratch)
    assert gate.present(workspace)
    assert (await gate.run(context)).findings == ()
    (root / "notes.md").write_text("other notes")
    (root / "MULTI_AGENT_PLAN.md").write_text("mine")
    outcome = await gate.run(context)
    assert outcome.status == "failed"
    assert [(finding.file, finding.rule) for finding in outcome.findings] == [
        ("PRPs/parts/prp.md", "PRP010"),
        ("MULTI_AGENT_PLAN.md", "PLAN001"),
    ]
