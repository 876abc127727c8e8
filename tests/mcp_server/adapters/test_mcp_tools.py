"""Every tool over the real transport, in both protocol eras, against a real workspace."""
# ruff: noqa: S603, S607 - the tests start git and the server

import json
import subprocess
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.types import CallToolResult, TextContent

from mcp_server.adapters.mcp.fit import MAX_CHARACTERS
from mcp_server.operations.registry import OPERATIONS
from tests.mcp_server.adapters.conftest import ERAS, Connect

SUPPLIER: dict[str, Any] = {
    "feature": "supplier",
    "fields": ["name:string(2..100) unique", "email:email?", "category:ref(category)?"],
    "filters": ["category"],
    "sort": ["name"],
}
QUICK = ["architecture", "drift", "migration-head"]


async def facts(client: Client, tool: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Call a tool that must succeed; both channels must say the same, and little."""
    result = await client.call_tool(tool, dict(arguments or {}))
    text = text_of(result)
    assert not result.is_error, text
    assert json.loads(text) == result.structured_content
    assert len(text) <= MAX_CHARACTERS
    content: dict[str, Any] = result.structured_content
    return content


async def codes(client: Client, tool: str, arguments: Mapping[str, Any]) -> list[str]:
    """Call a tool that must refuse; the text must carry every code."""
    result = await client.call_tool(tool, dict(arguments))
    assert result.is_error
    found = [problem["code"] for problem in result.structured_content["problems"]]
    assert all(code in text_of(result) for code in found)
    return found


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def status(root: Path) -> str:
    command = ["git", "status", "--porcelain", "--untracked-files=all"]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


def contents(root: Path) -> dict[str, str]:
    """Everything git sees, and everything of the kit outside its scratch, as hashes."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.splitlines()
    kit = [path.relative_to(root).as_posix() for path in (root / ".kit").rglob("*") if path.is_file()]
    paths = {path for path in (*listed, *kit) if not path.startswith(".kit/scratch/")}
    return {
        path: sha256((root / path).read_bytes()).hexdigest()
        for path in sorted(paths)
        if (root / path).is_file()
    }


def apply_diff(root: Path, diff: str) -> None:
    subprocess.run(["git", "apply", "-"], cwd=root, input=diff.encode(), check=True)


@pytest.mark.parametrize("era", ERAS)
async def test_the_whole_way_from_spec_to_green(connect: Connect, workspace_copy: Path, era: str) -> None:
    async with connect(workspace_copy, era) as client:
        info = await facts(client, "workspace_info")
        assert {"category", "product", "user"} <= set(info["features"])
        assert info["routes"]["/api/v1/products/{public_id}"] == "DELETE GET PATCH PUT"
        assert info["database"].startswith("sqlite app.db (development")

        made = await facts(client, "scaffold_feature", SUPPLIER)
        assert all(
            (workspace_copy / path).read_bytes().count(b"\n") == lines
            for path, lines in made["files"].items()
        )
        assert len(made["files"]) == len(status(workspace_copy).splitlines()) >= 8
        assert made["tree"] != info["tree"]
        assert "POST /suppliers" in made["routes"]

        plan = await facts(client, "plan_migration")
        assert plan["revisions"][-1]["id"] == plan["head"] == made["revision"]
        assert plan["round_trip"].startswith("holds")
        assert "drift" not in plan
        done = await facts(client, "apply_migration", {"token": plan["token"]})
        assert done["after"] == [made["revision"]]
        assert (await facts(client, "workspace_info"))["migrations"]["pending"] == []
        assert await codes(client, "apply_migration", {"token": plan["token"]}) == ["MIG011"]

        told: list[str] = []

        async def told_of(progress: float, total: float | None, message: str | None) -> None:
            told.append(message or "")

        result = await client.call_tool("run_quality_gates", {"only": QUICK}, progress_callback=told_of)
        report = result.structured_content
        assert report["verdict"] == "passed", text_of(result)
        assert report["counts"] == {"passed": len(QUICK)}
        assert {line.partition(":")[0] for line in told} == set(QUICK)
        again = await facts(client, "run_quality_gates", {"run_id": report["run"]})
        assert {**again, "tree": ""} == {**report, "tree": ""}


async def test_a_fault_is_named_with_file_line_rule_and_fix(connect: Connect, workspace_copy: Path) -> None:
    service = workspace_copy / "app" / "services" / "category.py"
    service.write_text(service.read_text() + "\n\nasync def leak(session):\n    await session.commit()\n")
    async with connect(workspace_copy) as client:
        report = await facts(client, "run_quality_gates", {"only": ["architecture"]})
    finding = report["findings"][0]
    assert report["verdict"] == "failed"
    assert finding["file"] == "app/services/category.py"
    assert finding["line"] == len(service.read_text().splitlines())
    assert finding["rule"].startswith("KIT")
    assert finding["fix"]


async def test_a_dry_run_shows_the_bytes_that_are_applied(connect: Connect, workspace_copy: Path) -> None:
    before = contents(workspace_copy)
    async with connect(workspace_copy) as client:
        shown = await facts(client, "scaffold_feature", {**SUPPLIER, "dry_run": True})
        assert contents(workspace_copy) == before
        diff = (workspace_copy / shown["diff_file"]).read_text()
        made = await facts(client, "scaffold_feature", SUPPLIER)
    assert (shown["revision"], shown["files"]) == (made["revision"], made["files"])
    applied = {path: (workspace_copy / path).read_bytes() for path in made["files"]}
    for path in applied:
        (workspace_copy / path).unlink()
    apply_diff(workspace_copy, diff)
    assert {path: (workspace_copy / path).read_bytes() for path in applied} == applied


async def test_the_same_again_changes_nothing(connect: Connect, workspace_copy: Path) -> None:
    async with connect(workspace_copy) as client:
        await facts(client, "scaffold_feature", SUPPLIER)
        before = contents(workspace_copy)
        again = await facts(client, "scaffold_feature", SUPPLIER)
    assert "files" not in again
    assert contents(workspace_copy) == before


@pytest.mark.parametrize("era", ERAS)
async def test_a_feature_is_extended_undone_and_removed(
    connect: Connect, workspace_copy: Path, era: str
) -> None:
    change = {"feature": "supplier", "add": ["weight:int?"], "rename": {"email": "mail"}}
    async with connect(workspace_copy, era) as client:
        await facts(client, "scaffold_feature", SUPPLIER)
        before = contents(workspace_copy)
        shown = await facts(client, "extend_feature", {**change, "dry_run": True})
        assert contents(workspace_copy).keys() == before.keys()
        done = await facts(client, "extend_feature", change)
        assert (done["revision"], done["files"]) == (shown["revision"], shown["files"])
        assert "Nothing to do" in (await facts(client, "extend_feature", change))["next"]
        plan = await facts(client, "plan_migration")
        assert plan["revisions"][-1]["id"] == done["revision"]
        assert plan["round_trip"].startswith("holds")
        assert "drift" not in plan
        assert await codes(client, "remove_feature", {"feature": "category"})
        await facts(client, "remove_feature", {"feature": "supplier"})
        await facts(client, "undo_change")
        await facts(client, "undo_change", {"change_id": done["change_id"]})
    kept = contents(workspace_copy)
    assert {path: kept[path] for path in before if not path.startswith(".kit/history")} == {
        path: hash_ for path, hash_ in before.items() if not path.startswith(".kit/history")
    }


BAD: dict[str, dict[str, Any]] = {
    "unknown type": {"feature": "x", "fields": ["a:strin"]},
    "keyword": {"feature": "class", "fields": ["a:int"]},
    "duplicate field": {"feature": "thing", "fields": ["a:int", "a:int"]},
    "missing target": {"feature": "thing", "fields": ["a:ref(nothing)"]},
    "existing feature": {"feature": "product", "fields": ["a:int"]},
    "handwritten feature": {"feature": "user", "fields": ["a:int"]},
    "empty enum": {"feature": "thing", "fields": ["a:enum()"]},
    "default outside": {"feature": "thing", "fields": ["a:int=5 <3"]},
    "reversed bounds": {"feature": "thing", "fields": ["a:string(9..2)"]},
    "scale": {"feature": "thing", "fields": ["a:decimal(2,5)"]},
    "own column": {"feature": "thing", "fields": ["created_at:datetime"]},
    "traversal": {"feature": "../../etc", "fields": ["a:int"]},
    "template": {"feature": "{{ 7*7 }}", "fields": ["a:int"]},
    "long": {"feature": "x" * 300, "fields": ["a:int"]},
    "empty field": {"feature": "thing", "fields": [""]},
    "no fields": {"feature": "thing"},
    "nothing": {},
    "yaml": {"spec": "feature: [unclosed"},
    "spec and more": {"spec": {"feature": "thing", "fields": ["a:int"]}, "sort": ["a"]},
    "unknown key": {"spec": {"feature": "thing", "fields": ["a:int"], "colour": "red"}},
}


async def test_bad_specs_are_refused_before_a_file_is_touched(connect: Connect, workspace_copy: Path) -> None:
    before = contents(workspace_copy)
    async with connect(workspace_copy) as client:
        for name, arguments in BAD.items():
            assert await codes(client, "scaffold_feature", arguments), name
    assert contents(workspace_copy) == before


async def test_files_in_the_way_are_not_overwritten(connect: Connect, workspace_copy: Path) -> None:
    mine = workspace_copy / "app" / "services" / "supplier.py"
    mine.write_text("# mine\n")
    before = contents(workspace_copy)
    async with connect(workspace_copy) as client:
        assert await codes(client, "scaffold_feature", SUPPLIER) == ["SCF001"]
    assert contents(workspace_copy) == before


READERS: dict[str, list[dict[str, Any]]] = {
    "workspace_info": [{}],
    "plan_migration": [{}],
    "run_quality_gates": [{"only": ["lint", "architecture", "drift"]}, {"only": ["lint"], "changed": True}],
}


def test_every_reader_is_tried() -> None:
    assert READERS.keys() == {name for name, operation in OPERATIONS.items() if operation.reads_only}


async def test_read_only_tools_write_nothing(connect: Connect, workspace_copy: Path) -> None:
    before = contents(workspace_copy)
    async with connect(workspace_copy) as client:
        for tool, calls in READERS.items():
            for arguments in calls:
                await facts(client, tool, arguments)
                assert contents(workspace_copy) == before, tool
    assert status(workspace_copy) == ""
    assert not list(workspace_copy.glob("*.db"))


async def test_facts_come_from_source_when_the_app_does_not_import(
    connect: Connect, workspace_copy: Path
) -> None:
    (workspace_copy / "app" / "main.py").write_text("raise RuntimeError('broken on purpose')\n")
    async with connect(workspace_copy) as client:
        info = await facts(client, "workspace_info")
        assert "broken on purpose" in info["app_fails"]
        assert info["routes"]["/products/{public_id}"]
        (workspace_copy / "app" / "main.py").write_bytes(
            (Path(__file__).parents[3] / "app" / "main.py").read_bytes()
        )
        assert "app_fails" not in await facts(client, "workspace_info")


async def test_calls_at_the_same_time_queue_and_both_succeed(connect: Connect, workspace_copy: Path) -> None:
    import anyio

    results: dict[str, dict[str, Any]] = {}
    async with connect(workspace_copy) as one, connect(workspace_copy) as other:

        async def scaffold(client: Client, name: str) -> None:
            results[name] = await facts(
                client, "scaffold_feature", {"feature": name, "fields": ["name:string"]}
            )

        async with anyio.create_task_group() as group:
            group.start_soon(scaffold, one, "apple")
            group.start_soon(scaffold, other, "pear")
        plan = await facts(one, "plan_migration")
    assert plan["heads"] == 1
    assert {revision["id"] for revision in plan["revisions"]} >= {
        made["revision"] for made in results.values()
    }
    assert plan["round_trip"].startswith("holds")


@pytest.mark.parametrize("era", ERAS)
async def test_resources_and_prompts(connect: Connect, workspace_copy: Path, era: str) -> None:
    async with connect(workspace_copy, era) as client:
        listed = (await client.list_resources()).resources
        rules = [one.uri for one in listed if one.uri.startswith("kit://rules/")]
        assert rules
        (content,) = (await client.read_resource(rules[0])).contents
        name = rules[0].removeprefix("kit://rules/")
        assert getattr(content, "text", "") == (workspace_copy / "rules" / f"{name}.md").read_text()
        report = await facts(client, "run_quality_gates", {"only": ["lint"]})
        (log,) = (await client.read_resource(f"kit://gates/{report['run']}/lint")).contents
        assert "exit code" in getattr(log, "text", "")
        (api,) = (await client.read_resource("kit://openapi")).contents
        assert "/api/v1/products" in json.loads(getattr(api, "text", ""))["paths"]
        assert {one.uri_template for one in (await client.list_resource_templates()).resource_templates} >= {
            "kit://gates/{run}/{gate}"
        }
        prompts = (await client.list_prompts()).prompts
        assert {prompt.name for prompt in prompts} == {
            path.parent.name for path in (workspace_copy / ".claude" / "skills").glob("*/SKILL.md")
        }
        for prompt in prompts:
            got = await client.get_prompt(prompt.name, {"request": "a supplier feature"})
            assert "a supplier feature" in getattr(got.messages[0].content, "text", "")
