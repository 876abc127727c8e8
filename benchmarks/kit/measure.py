"""Times the kit over MCP in a scratch workspace, and one with 200 features."""

import json
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace

FIELDS = ["name:string(2..100) unique", "price:decimal(12,2) >=0", "status:enum(draft,active)=draft"]
REFERENCE = "category:ref(category)?"
WARM = 3
"""First calls that are not counted: they import the engines and fill the caches."""
_START = """
import asyncio, time
begun = time.perf_counter()
from app.main import create_app
async def start():
    app = create_app()
    async with app.router.lifespan_context(app):
        print(time.perf_counter() - begun)
asyncio.run(start())
"""


@dataclass(frozen=True)
class Measured:
    """Wall-clock times in milliseconds (lists in the order of the calls), but `start` and `again` in seconds.

    Both go until the lifespan has begun, so that requests are served: `start` compiles every new module first, `again`
    finds the bytecode. `idle` are calls that only ask for the pulse of the server and the machine: a refused one. `warm`
    is a call of the warm child as a share of the start of an interpreter that does nothing.
    """

    idle: list[float]
    creates: list[float]
    extends: list[float]
    shown: list[float]
    features: int
    start: float
    again: float
    warm: float

    @property
    def growth(self) -> float:
        """How much longer the last features took than the first."""
        count = max(5, len(self.creates) // 20)
        return median(self.creates[-count:]) / median(self.creates[WARM : WARM + count])


async def measure(root: Path, features: int, say: Callable[[str], None]) -> Measured:
    """Create `features` features, extend some, show some extensions, and start the app at the end."""
    async with _connected(root) as client:
        idle = [await _timed(client, "undo_change", {"change_id": "none"}, fails=True) for _ in range(10)]
        say(f"creating {features} features")
        creates = [await _timed(client, "scaffold_feature", _spec(number)) for number in range(features)]
        say("extending")
        names = [f"thing_{_letters(number)}" for number in range(min(features, 20))]
        shown = [await _timed(client, "extend_feature", _change(name) | {"dry_run": True}) for name in names]
        extends = [await _timed(client, "extend_feature", _change(name)) for name in names]
    say("starting the app")
    start, again = _start(root), _start(root)
    warm = await _warm(root)
    return Measured(idle, creates, extends[WARM:], shown[WARM:], features, start, again, warm)


def _start(root: Path) -> float:
    """Seconds from nothing imported to an app that serves."""
    command = [str(root / ".venv/bin/python"), "-c", _START]
    return float(subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout)  # noqa: S603


async def _warm(root: Path) -> float:
    """A call of the warm child, and the start of a bare interpreter, in turns: the least of one by the least of the other."""
    workspace = Workspace.open(root)
    child = WarmChild(workspace)
    calls, starts = list[float](), list[float]()
    try:
        await child.call("os:getcwd")
        for _ in range(20):
            begun = time.perf_counter()
            await child.call("os:getcwd")
            called = time.perf_counter()
            subprocess.run([workspace.python, "-I", "-c", "pass"], check=True)  # noqa: S603, ASYNC221
            calls.append(called - begun)
            starts.append(time.perf_counter() - called)
    finally:
        await child.close()
    return min(calls) / min(starts)


@asynccontextmanager
async def _connected(root: Path) -> AsyncIterator[Client]:
    entry = json.loads((root / ".mcp.json").read_text())["mcpServers"]["kit"]
    parameters = StdioServerParameters(command=entry["command"], args=entry["args"], cwd=root)
    with (root.parent / "server.log").open("a") as log:
        async with Client(stdio_client(parameters, errlog=log), read_timeout_seconds=120) as client:
            yield client


async def _timed(client: Client, tool: str, arguments: dict[str, Any], *, fails: bool = False) -> float:
    """Milliseconds of one call. Raises ValueError when it ends otherwise than expected."""
    started = time.perf_counter()
    result = await client.call_tool(tool, arguments)
    taken = (time.perf_counter() - started) * 1000
    if result.is_error is not fails:
        raise ValueError(f"{tool}: {result.structured_content}")
    return taken


def _spec(number: int) -> dict[str, Any]:
    return {
        "feature": f"thing_{_letters(number)}",
        "fields": [*FIELDS, REFERENCE],
        "filters": ["status", "price"],
        "sort": ["name", "price"],
    }


def _change(name: str) -> dict[str, Any]:
    return {
        "feature": name,
        "add": ["weight:decimal(8,2)?"],
        "rename": {"price": "cost"},
        "include": {"filters": ["weight"], "sort": ["weight"]},
    }


def _letters(number: int) -> str:
    """A different word for every number, the same length for all: `aaa`, `aab` ..."""
    return "".join(chr(ord("a") + number // 26**place % 26) for place in (2, 1, 0))
