"""The story: look around, scaffold, migrate, prove, break, mend, serve."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.client.stdio import StdioServerParameters

from demo.calls import running_app, use_suppliers
from demo.scratch import scratch_workspace
from demo.teller import StepFailed, Teller, expect

ROOT = Path(__file__).parents[1]
FIELDS = [
    "name:string(2..100) index",
    "email:email unique",
    "rating:int >=1 <=5 index",
    "status:enum(trial,active,closed)=trial",
    "note:text?",
    "category:ref(category)?",
]
SQLITE_GATES = [
    "format", "lint", "types", "imports", "architecture", "migration-head", "migrations", "drift", "openapi", "tests",
    "rules-sync", "prps",
]  # fmt: skip
"""The story is told on SQLite: the gates of other databases, and the long ones, are the business of `make validate`."""
SERVICE = "app/services/supplier.py"
SCHEMAS = "app/schemas/supplier.py"


class Agent:
    """Calls tools as a coding agent does, and reads what the model would read."""

    def __init__(self, client: Client, teller: Teller) -> None:
        self._client = client
        self._teller = teller

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        async def told(progress: float, total: float | None, message: str | None) -> None:
            self._teller.progress(f"[{progress:.0f}/{total or 0:.0f}] {message or ''}")

        result = await self._client.call_tool(tool, arguments, progress_callback=told)
        if result.is_error:
            raise StepFailed(f"{tool}: {' '.join(getattr(part, 'text', '') for part in result.content)}")
        expect(result.structured_content is not None, f"{tool} gave no structured result")
        return dict(result.structured_content or {})


def server_of(workspace: Path) -> StdioServerParameters:
    """The server exactly as `.mcp.json` starts it."""
    entry = json.loads((workspace / ".mcp.json").read_text())["mcpServers"]["kit"]
    return StdioServerParameters(
        command=entry["command"], args=entry["args"], env=entry.get("env"), cwd=workspace
    )


async def tell(workspace: Path, teller: Teller) -> None:
    async with Client(server_of(workspace)) as client:
        agent = Agent(client, teller)
        with teller.step("Look around: workspace_info"):
            info = await agent.call("workspace_info")
            expect(Path(info["root"]) == workspace, "the server works on another directory")
            teller.say(f"branch {info['branch']}, tree {info['tree']}, layout {info['layout']}")
            teller.say(f"features: {', '.join(info['features'])}")

        with teller.step("Scaffold a feature that is not shipped: scaffold_feature supplier"):
            spec = {
                "feature": "supplier", "owner": "user", "fields": FIELDS, "unique": [["owner", "name"]],
                "search": ["name"], "filters": ["status", "rating", "category"], "sort": ["name", "rating"],
            }  # fmt: skip
            shown = await agent.call("scaffold_feature", **spec, dry_run=True)
            made = await agent.call("scaffold_feature", **spec)
            expect(shown["files"] == made["files"], "the dry run showed other files than were written")
            for path, lines in made["files"].items():
                teller.say(f"{lines:4} lines  {path}")

        with teller.step("Plan the migration, then apply it: plan_migration, apply_migration"):
            plan = await agent.call("plan_migration")
            teller.say(plan["database"])
            teller.say(plan["round_trip"])
            applied = await agent.call("apply_migration", token=plan["token"])
            teller.say(f"applied {', '.join(applied['applied'])}")

        with teller.step("Prove it: run_quality_gates"):
            await prove(agent, teller)

        with teller.step(
            "Now a fault, as agents make them: a commit in the service, an integer key in the response"
        ):
            originals = {path: (workspace / path).read_text() for path in (SERVICE, SCHEMAS)}
            break_it(workspace)
            result = await agent.call("run_quality_gates", only=["lint", "imports", "architecture"])
            expect(result["verdict"] == "failed", f"the gates did not notice: {result['verdict']}")
            broken = [finding for finding in result["findings"] if finding["gate"] == "architecture"]
            for finding in broken:
                teller.say(f"{finding['file']}:{finding['line']} {finding['rule']} {finding['message']}")
                teller.say(f"    fix: {finding['fix']}")
            for trouble in result["red"]:
                teller.say(f"{trouble['gate']}: {trouble.get('summary', trouble['status'])}")
            named = {finding["file"] for finding in broken}
            expect({SERVICE, SCHEMAS} <= named, "the architecture gate does not name both files")

        with teller.step("The fault mended: run_quality_gates"):
            for path, text in originals.items():
                (workspace / path).write_text(text)
            await prove(agent, teller)

    with teller.step("The app itself, over HTTP"):
        async with running_app(workspace) as http:
            await use_suppliers(http, teller)


async def prove(agent: Agent, teller: Teller) -> None:
    result = await agent.call("run_quality_gates", only=SQLITE_GATES)
    for trouble in result.get("red", []):
        teller.say(f"{trouble['gate']}: {trouble.get('summary', trouble['status'])}")
    for finding in result.get("findings", []):
        teller.say(f"{finding['file']}:{finding['line']} {finding['rule']} {finding['message']}")
    expect(result["verdict"] == "passed", f"the verdict is {result['verdict']}")
    counts = ", ".join(f"{count} {status}" for status, count in result["counts"].items() if count)
    teller.say(f"{counts}; {result.get('cached', 0)} unchanged since they passed; {result['seconds']} s")


def break_it(workspace: Path) -> None:
    service = workspace / SERVICE
    before = "        supplier = await self.suppliers.add(values, **keys)\n"
    text = service.read_text()
    expect(before in text, "the generated service is not what the story expects")
    service.write_text(text.replace(before, f"{before}        await self.unit.session.commit()\n"))
    schemas = workspace / SCHEMAS
    text = schemas.read_text()
    head, found, tail = text.partition("class SupplierRead(ReadSchema):")
    expect("    public_id: " in tail, "the generated schemas are not what the story expects")
    schemas.write_text(head + found + tail.replace("    public_id: ", "    id: int\n    public_id: ", 1))


def main() -> int:
    teller = Teller()
    held = False
    try:
        with scratch_workspace(ROOT) as workspace:
            asyncio.run(tell(workspace, teller))
        held = True
    except* StepFailed as group:
        teller.fail(_first(group))
    teller.end("Every step held." if held else "The story ends here.")
    return 0 if held else 1


def _first(group: BaseExceptionGroup[StepFailed]) -> BaseException:
    """The client runs in task groups, which wrap what is raised inside."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


if __name__ == "__main__":
    sys.exit(main())
