"""A small workspace that every gate is content with, to put one defect into at a time."""

import shutil
from collections.abc import Collection
from pathlib import Path

from mcp_server.gates.gate import Gate, GateContext, Outcome
from mcp_server.gates.result import GateResult, Report
from mcp_server.gates.runner import OnEvent, run_gates
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace

TEMPLATE = Path(__file__).parents[1] / "data" / "gates" / "green"


class Project:
    """A copy of the green workspace with its warm child."""

    def __init__(self, root: Path) -> None:
        shutil.copytree(TEMPLATE, root, dirs_exist_ok=True)
        self.root = root
        self.workspace = Workspace.open(root)
        self.child = WarmChild(self.workspace)

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def append(self, path: str, text: str) -> None:
        self.write(path, (self.root / path).read_text(encoding="utf-8") + text)

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    async def run(
        self,
        *only: str,
        use_cache: bool = True,
        changed: Collection[str] | None = None,
        on_event: OnEvent | None = None,
        gates: Collection[Gate] | None = None,
    ) -> Report:
        return await run_gates(
            self.workspace,
            self.child,
            only=only,
            use_cache=use_cache,
            changed=changed,
            on_event=on_event,
            gates=gates,
        )

    async def result(self, gate: str) -> GateResult:
        report = await self.run(gate, use_cache=False)
        return report.results[0]


class Counted:
    """A gate made for a test, which counts how often it works and answers as told."""

    def __init__(self, outcome: Outcome | Exception) -> None:
        self.outcome = outcome
        self.calls = 0

    async def __call__(self, context: GateContext) -> Outcome:
        self.calls += 1
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def gate(self, name: str = "counted", inputs: tuple[str, ...] = ("app/**",), **facts: object) -> Gate:
        return Gate(id=name, group="backend", title=name, inputs=inputs, run=self, **facts)  # type: ignore[arg-type]
