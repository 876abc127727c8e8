"""Everything that a spec can say can be said to the tools and commands, for a new feature and for one that exists."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.main import get_command

from mcp_server.adapters.cli.main import build
from mcp_server.features.evolve import SETTINGS
from mcp_server.features.load import KEYS
from mcp_server.features.spec import TYPES
from mcp_server.operations.extend_feature import ExtendRequest
from mcp_server.operations.scaffold_feature import ScaffoldRequest
from tests.mcp_server.adapters.conftest import Connect
from tests.mcp_server.adapters.test_mcp_tools import facts

MADE: dict[str, Any] = {
    "feature": "supplier",
    "fields": [
        "name:string(2..100)",
        "code:string(..20) unique",
        "rank:int",
        "mood:enum(@mood)=good",
        "tags:list(string(..20))",
    ],
    "enums": {"mood": ["good", "bad"]},
    "pagination": "cursor",
    "soft_delete": True,
    "operations": ["list", "get", "create"],
    "unique": [["name", "rank"]],
    "access": {"list": "superuser"},
    "filters": ["mood"],
    "description": "Who sells.",
}
TOGGLED: list[dict[str, Any]] = [
    {"set": {"soft_delete": False}},
    {"set": {"pagination": "offset", "description": "Who sells to us.", "access": {"list": "public"}}},
    {
        "include": {
            "filters": ["rank"],
            "sort": ["rank"],
            "search": ["name"],
            "operations": ["update", "delete"],
        }
    },
    {
        "include": {"unique": [["code", "rank"]], "indexes": [["mood", "-created_at"]]},
        "exclude": {"unique": [["name", "rank"]], "filters": ["mood"]},
        "set": {"enums": {"mood": ["good", "bad", "Don't know"]}},
    },
    {"set": {"soft_delete": True, "pagination": "cursor", "access": {"list": "authenticated"}}},
]
WITHOUT_REVISION = TOGGLED[1]
"""What leaves the table as it is."""


def options(*path: str) -> set[str]:
    command: Any = get_command(build())
    for name in path:
        command = command.commands[name]
    return {parameter.name for parameter in command.params}


def test_tools_and_commands_take_every_key_of_a_spec() -> None:
    renamed = {"feature": "name", "indexes": "index", "enums": "enum"}
    assert set(KEYS) <= ScaffoldRequest.model_fields.keys()
    assert {renamed.get(key, key) for key in KEYS} <= options("feature", "add")
    assert set(SETTINGS) == set(KEYS) - {"feature", "plural", "fields"}
    assert {renamed.get(key, key) for key in SETTINGS} <= options("feature", "extend")
    assert {"add", "change", "rename", "drop", "fill", "spec"} <= options(
        "feature", "extend"
    ) & ExtendRequest.model_fields.keys()
    described = str(ScaffoldRequest.model_fields["fields"].description)
    assert all(name in described for name in TYPES)


async def test_what_a_feature_is_made_of_is_toggled_over_stdio(
    connect: Connect, workspace_copy: Path
) -> None:
    async with connect(workspace_copy) as client:
        await facts(client, "scaffold_feature", MADE)
        await migrate(client)
        for request in TOGGLED:
            done = await facts(client, "extend_feature", {"feature": "supplier", **request})
            assert any("alembic" in path for path in done["files"]) == (request is not WITHOUT_REVISION)
            if request is not WITHOUT_REVISION:
                await migrate(client)
        quick = ["format", "lint", "architecture", "drift", "openapi"]
        report = await facts(client, "run_quality_gates", {"only": quick})
        assert report["verdict"] == "passed", json.dumps(report)
    spec = json.loads((workspace_copy / ".kit/ledger/supplier.json").read_text())["spec"]
    assert spec == {
        **{key: value for key, value in MADE.items() if key != "access"},
        "plural": "suppliers",
        "enums": {"mood": ["good", "bad", "Don't know"]},
        "operations": ["list", "get", "create", "update", "delete"],
        "description": "Who sells to us.",
        "filters": ["rank"],
        "sort": ["rank"],
        "search": ["name"],
        "unique": [["code", "rank"]],
        "indexes": [["mood", "-created_at"]],
    }
    tests = [sys.executable, "-m", "pytest", "-q", "tests/app/api/test_suppliers.py"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ran = await asyncio.to_thread(
        subprocess.run, tests, cwd=workspace_copy, env=env, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr


async def migrate(client: Any) -> None:
    """Plan, with the round trip proven, and apply."""
    plan = await facts(client, "plan_migration")
    assert plan["round_trip"].startswith("holds"), plan
    assert "drift" not in plan, plan
    await facts(client, "apply_migration", {"token": plan["token"]})
