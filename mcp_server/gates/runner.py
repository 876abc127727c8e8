"""Runs gates side by side, answers from the cache what is unchanged, and reports every step as it happens."""

import asyncio
import inspect
import os
import time
import traceback
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace

from mcp_server.gates import durations
from mcp_server.gates.cache import Cache, key_of
from mcp_server.gates.gate import Gate, GateContext, Outcome
from mcp_server.gates.registry import gates_of, select
from mcp_server.gates.result import Event, GateResult, Report, error
from mcp_server.gates.runs import RunFolder
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.errors import KitError
from mcp_server.workspace.fingerprint import hashes, tree_hash
from mcp_server.workspace.globs import matcher
from mcp_server.workspace.workspace import Workspace

QUICK_SECONDS = 2.0

OnEvent = Callable[[Event], Awaitable[None] | None]


async def run_gates(
    workspace: Workspace,
    child: WarmChild,
    *,
    only: Collection[str] = (),
    use_cache: bool = True,
    changed: Collection[str] | None = None,
    on_event: OnEvent | None = None,
    gates: Collection[Gate] | None = None,
) -> Report:
    """Run the gates of a workspace and store the run under `.kit/scratch/gates/<run id>/`.

    `only` names gates or groups; `changed` limits the run to the gates that read one of these paths, and the tests
    among them to what depends on it. `gates` replaces the registry. Cancelling ends every tool with its children.
    Raises InvalidInput GATE001 for an unknown name in `only`; what goes wrong inside a gate is its result.
    """
    available = gates_of(workspace) if gates is None else tuple(gates)
    chosen = select(available, only)
    if changed is not None:
        chosen = tuple(gate for gate in chosen if any(map(matcher(gate.reads(workspace)), changed)))
    run = _Run(workspace, child, chosen, None if changed is None else frozenset(changed), on_event)
    return await run.all(use_cache=use_cache)


class _Run:
    def __init__(
        self,
        workspace: Workspace,
        child: WarmChild,
        gates: tuple[Gate, ...],
        changed: frozenset[str] | None,
        on_event: OnEvent | None,
    ) -> None:
        self.workspace = workspace
        self.child = child
        self.gates = gates
        self.changed = changed
        self.on_event = on_event
        self.cache = Cache(workspace)
        self.folder = RunFolder(workspace)
        self.slots = asyncio.Semaphore(_cores())
        self.results: dict[str, GateResult] = {}

    async def all(self, *, use_cache: bool) -> Report:
        began = time.perf_counter()
        tree = tree_hash(self.workspace)
        keys = self._keys()
        waiting = []
        for gate in self.gates:
            kept = self.cache.get(gate, keys[gate.id]) if use_cache else None
            if kept is None:
                waiting.append(gate)
            else:
                await self._finish(gate, kept)
        expected = durations.read(self.workspace)
        waiting.sort(key=lambda gate: _turn(expected.get(gate.id, gate.weight)))
        async with asyncio.TaskGroup() as group:
            for gate in waiting:
                group.create_task(self._one(gate, keys[gate.id]), name=f"gate {gate.id}")
        if waiting:
            durations.write(self.workspace, {gate.id: self.results[gate.id].seconds for gate in waiting})
        report = Report(
            run=self.folder.id,
            started=self.folder.started.isoformat(timespec="seconds"),
            seconds=round(time.perf_counter() - began, 3),
            tree=tree,
            edited=tree_hash(self.workspace) != tree,
            folder=self.folder.path.relative_to(self.workspace.root).as_posix(),
            scope=None if self.changed is None else tuple(sorted(self.changed)),
            results=tuple(self.results[gate.id] for gate in self.gates),
        )
        self.folder.write_report(report)
        return report

    async def _one(self, gate: Gate, key: str) -> None:
        async with self.slots:
            await self._tell(Event("started", gate.id, len(self.results), len(self.gates)))
            began = time.perf_counter()
            outcome = await self._outcome(gate)
            seconds = round(time.perf_counter() - began, 3)
        result = GateResult(
            gate=gate.id,
            group=gate.group,
            title=gate.title,
            status=outcome.status,
            summary=outcome.summary,
            seconds=seconds,
            findings=outcome.findings,
            log=self.folder.write_log(gate.id, outcome.log),
        )
        # An affected-only pass proves less than a full one. And a file edited meanwhile was read by nobody knows
        # which tool in which version: such a pass must not be remembered for either content.
        if self.changed is None and outcome.status == "passed" and self._keys(gate)[gate.id] == key:
            self.cache.put(gate, key, result)
        await self._finish(gate, result)

    async def _outcome(self, gate: Gate) -> Outcome:
        try:
            context = GateContext(self.workspace, self.child, self.folder.gate_folder(gate.id), self.changed)
            async with asyncio.timeout(gate.limit) as limit:
                return await gate.run(context)
        except TimeoutError as problem:
            if limit.expired():
                return error(f"did not finish within {gate.limit:g} s and was stopped")
            return error(f"TimeoutError: {problem}", traceback.format_exc())
        except KitError as problem:
            return error(str(problem), traceback.format_exc())
        except Exception as problem:  # noqa: BLE001 - whatever a gate raises is an error of that gate, never a pass
            return error(f"{type(problem).__name__}: {problem}", traceback.format_exc())

    def _keys(self, *gates: Gate) -> dict[str, str]:
        """Address every gate's result by what it would read now."""
        content = hashes(self.workspace, ())
        keys = {}
        for gate in gates or self.gates:
            reads, left_out = matcher(gate.reads(self.workspace)), frozenset(gate.leaves_out(self.workspace))
            read = {path: hash_ for path, hash_ in content.items() if reads(path) and path not in left_out}
            keys[gate.id] = key_of(gate, self.workspace, read)
        return keys

    async def _finish(self, gate: Gate, result: GateResult) -> None:
        self.results[gate.id] = replace(result, gate=gate.id)
        await self._tell(Event("finished", gate.id, len(self.results), len(self.gates), result))

    async def _tell(self, event: Event) -> None:
        if self.on_event is not None:
            answer = self.on_event(event)
            if inspect.isawaitable(answer):
                await answer


def _turn(seconds: float) -> tuple[bool, float]:
    """Quick gates first, in their usual order: most mistakes show at once. Then the longest, to fill the cores."""
    return (False, 0) if seconds <= QUICK_SECONDS else (True, -seconds)


def _cores() -> int:
    """Cores this process may use (a container often allows fewer than the machine has)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
