"""Imports point one way: the contracts in [tool.importlinter], for the service and for the kit itself."""

import tomllib

from mcp_server.gates.gate import Finding, Gate, GateContext, Outcome
from mcp_server.gates.result import error, failed, passed
from mcp_server.gates.tools.command import output_of, run_tool
from mcp_server.gates.tools.import_linter import parse, verdict
from mcp_server.workspace.layout import module_of


async def run(context: GateContext) -> Outcome:
    """Check every contract on an import graph that import-linter caches in the scratch directory."""
    workspace = context.workspace
    settings = tomllib.loads(workspace.text("pyproject.toml")).get("tool", {}).get("importlinter", {})
    contracts = settings.get("contracts", [])
    if not contracts:
        finding = Finding("pyproject.toml", 0, "no-contracts", "[tool.importlinter] holds no contract")
        return failed("nothing was checked", (finding,))
    cache = str(workspace.scratch / "import-graph")
    done = await run_tool(
        context,
        "importlinter.cli:lint_imports_command",
        "--no-logo",
        "--cache-dir",
        cache,
        seconds=120,
        env={"COLUMNS": "2000"},  # a wrapped line could not be read back
    )
    log = output_of(done)
    counts = verdict(done.stdout)
    if counts is None:
        return error(f"import-linter came to no verdict: {(done.stdout + done.stderr).strip()[:300]}", log)
    kept, broken = counts
    if kept + broken != len(contracts):
        return error(f"{len(contracts)} contracts are declared, {kept + broken} were checked", log)
    if not broken:
        return passed(f"{kept} contracts kept", log)
    guidance = {item["name"]: item.get("broken_contract_guidance", "") for item in contracts}
    modules = {module_of(path): path for path in workspace.files("**/*.py")}
    findings = parse(done.stdout, modules, guidance)
    if not findings:
        return error(f"{broken} contracts are broken, but the report names no import", log)
    return failed(f"{broken} of {kept + broken} contracts broken", findings, log)


gate = Gate(
    id="imports",
    group="backend",
    title="Import contracts",
    inputs=("app/**/*.py", "mcp_server/**/*.py", "pyproject.toml"),
    run=run,
    weight=0.5,
    rank=25,
    tools=("import-linter", "grimp"),
)
