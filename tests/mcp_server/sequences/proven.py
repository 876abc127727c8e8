"""Sequences whose work stays, one after the other, in one workspace: what they leave has to pass every gate."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from random import Random

from mcp_server.changes import ledger
from mcp_server.gates.result import GateResult
from mcp_server.operations.known_features import spec_of
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.features.edits.hand_edits import comment, function
from tests.mcp_server.features.proving import judge
from tests.mcp_server.sequences.machine import Sequences


class LeftBehind(Sequences):
    """A sequence that is not taken back, and in which people write code that passes the gates."""

    retyping = False

    @property
    def extended(self) -> list[str]:
        """Other tests, written by hand, build on the features that were there."""
        return self.mine

    def _write(self, path: str, random: Random, times: int) -> None:
        text, lines = (self.lab.root / path).read_text(encoding="utf-8"), list[str]()
        first = 10 * len(self.lab.log)  # a file may be edited again: no two functions of one name
        for number in range(first, first + times):
            text, made = random.choice((comment, function))(random, text, number)
            lines += made
        self._edit(path, text, lines)
        self.lab.format(path)

    def teardown(self) -> None:
        self.counts["sequences"] += 1


def gates_of(root: Path) -> Sequence[GateResult]:
    """What the gates say of the workspace now, the tests of all its features among them."""
    workspace = Workspace.open(root)
    names = [spec_of(entry).names for entry in ledger.read(workspace).values()]
    return asyncio.run(judge(workspace, names, wholly=False))
