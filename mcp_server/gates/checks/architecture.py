"""The house rules of the service (KIT ids), checked on its source."""

import asyncio

from mcp_server.gates.gate import Finding, Gate, GateContext, Outcome
from mcp_server.gates.result import failed, passed


async def run(context: GateContext) -> Outcome:
    """Check the service, its migrations and its tests. In a thread: the server must stay able to answer."""
    from mcp_server.architecture.check import check
    from mcp_server.architecture.layers import SERVICE, layers_for
    from mcp_server.architecture.registry import RULES
    from mcp_server.workspace.layout import layouts

    workspace = context.workspace
    layers = layers_for(layouts(workspace.layout))
    files = {path: workspace.text(path) for path in workspace.files(*layers.globs) if path.endswith(".py")}
    if not any(layers.of_path(path) in SERVICE for path in files):
        finding = Finding(
            "app", 0, "no-files", "there is no source file to check", fix="Restore the package app/."
        )
        return failed("nothing was checked", (finding,))
    violations = await asyncio.to_thread(check, files, layers)
    if not violations:
        return passed(f"{len(files)} files keep {len(RULES)} rules")
    rules = {rule.id: rule for rule in RULES}
    findings = tuple(
        Finding(
            violation.file,
            violation.line,
            violation.rule,
            violation.message,
            why=rules[violation.rule].why if violation.rule in rules else "",
            fix=rules[violation.rule].fix if violation.rule in rules else "",
        )
        for violation in violations
    )
    log = "".join(f"{item.file}:{item.line}: {item.rule} {item.message}\n" for item in findings)
    return failed(
        f"{len(findings)} violations in {len({item.file for item in findings})} files", findings, log
    )


gate = Gate(
    id="architecture",
    group="backend",
    title="Architecture",
    inputs=("**/*.py", "pyproject.toml"),
    run=run,
    weight=0.3,
    rank=20,
    engines=("architecture",),
)
