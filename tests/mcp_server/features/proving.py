"""Which gates prove features in a scratch workspace, and what of their results is about the features."""

import atexit
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from mcp_server.features.naming import Names
from mcp_server.gates.result import GateResult
from mcp_server.gates.runner import run_gates
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace

KIT = ("mcp_server/", "tests/mcp_server/", "benchmarks/", "demo/")
GATES = (
    "format",
    "lint",
    "types",
    "imports",
    "architecture",
    "openapi",
    "migration-head",
    "migrations",
    "drift",
)


@cache
def _kept() -> Path:
    """Where mypy's cache waits from one scratch workspace to the next; it goes with this process."""
    folder = Path(mkdtemp(prefix="kit-types-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / "mypy"


@contextmanager
def known_types(root: Path) -> Iterator[None]:
    """Hand on what mypy found out in the workspace before: most of it is about libraries, and takes half a minute."""
    kept, types = _kept(), root / ".mypy_cache"
    if kept.is_dir():
        shutil.move(kept, types)
    try:
        yield
    finally:
        if types.is_dir():
            shutil.move(types, kept)


async def judge(workspace: Workspace, names: Iterable[Names], *, wholly: bool) -> tuple[GateResult, ...]:
    """What the gates say: `wholly` runs every test of the service, with coverage; otherwise the tests of the features."""
    made = [workspace.layout.path("tests", each) for each in names]
    child = WarmChild(workspace)
    try:
        with known_types(workspace.root):
            others = await run_gates(workspace, child, only=[*GATES], use_cache=False)
        tests = await run_gates(
            workspace, child, only=["tests"], use_cache=False, changed=None if wholly else made
        )
    finally:
        await child.close()
    return (*others.results, *tests.results)


def objections(results: Iterable[GateResult]) -> list[GateResult]:
    """The gates that object to anything but the kit itself, which the scratch workspace holds too."""
    return [result for result in results if _about_the_features(result)]


def _about_the_features(result: GateResult) -> bool:
    if result.status == "failed" and result.findings:
        return any(not finding.file.startswith(KIT) for finding in result.findings)
    return result.status != "passed"


def explained(bad: Iterable[GateResult], *more: str) -> str:
    """Their findings, for whoever has to find out; `more` is what it is about."""
    lines = [
        f"{result.gate}: {result.summary}\n{chr(10).join(map(str, result.findings[:20]))}" for result in bad
    ]
    return "\n".join((*lines, *more))
