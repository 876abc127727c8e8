"""Make the shipped features again from the specs in the ledger: `make shipped`, after a template or a spec has changed.

Their revisions are written anew, in the old order, which is right as long as they have not been released.
"""

import asyncio
import shutil
from pathlib import Path

from demo.scratch import scratch_workspace
from mcp_server.changes import ledger
from mcp_server.migrations import heads
from mcp_server.operations.scaffold_feature import ScaffoldRequest
from mcp_server.operations.scaffolding import scaffold
from mcp_server.workspace.workspace import Workspace

ROOT = Path(__file__).parents[3]


async def regenerate(root: Path) -> None:
    """Replace every file that a ledger entry of the workspace at `root` names."""
    workspace = Workspace.open(root)
    order = [revision.id for revision in heads.read(workspace).pending(())]
    entries = sorted(ledger.read(workspace).values(), key=lambda entry: order.index(entry.revisions[0]))
    with scratch_workspace(root) as copy:
        _take_out(copy, entries)
        scratch = Workspace.open(copy)
        for entry in entries:
            await scaffold(scratch, ScaffoldRequest(spec=dict(entry.spec)))
        made = list(ledger.read(scratch).values())
        _take_out(root, entries)
        for path in (path for entry in made for path in (*entry.files, _home(entry))):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(copy / path, root / path)


def _take_out(root: Path, entries: list[ledger.Entry]) -> None:
    for path in (path for entry in entries for path in (*entry.files, _home(entry))):
        (root / path).unlink(missing_ok=True)


def _home(entry: ledger.Entry) -> str:
    return entry.to_file()[0]


if __name__ == "__main__":
    asyncio.run(regenerate(ROOT))
