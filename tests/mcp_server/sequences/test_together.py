"""Many at once: processes that change one workspace queue and all land; worktrees of one repository do not meet."""
# ruff: noqa: S603, S607 - the tests start the command and git

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from demo.scratch import scratch_workspace
from mcp_server.changes import history, ledger
from mcp_server.migrations import heads
from mcp_server.workspace.listing import list_files
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.features.proving import explained, objections
from tests.mcp_server.sequences.proven import gates_of
from tests.mcp_server.sequences.run import ROOT

AT_ONCE: Sequence[Sequence[str]] = (
    ("add", "supplier", "name:string(2..100) unique", "category:ref(category)?", "--sort", "name"),
    ("add", "warehouse", "name:string(2..100)", "opened:date?", "--owner", "user"),
    ("add", "parcel", "weight:decimal(8,2) >=0", "sent_at:datetime?", "--filter", "weight"),
    ("add", "label", "text:string(..40) unique", "colour:enum(red,green)=red", "--filter", "colour"),
    ("add", "news", "title:string(2..100)", "body:text", "--plural", "news_items", "--search", "title"),
    ("add", "order", "number:int unique", "products:many(product)", "--owner", "user"),
    ("extend", "product", "--add", "weight:decimal(8,2)?", "--filter", "weight"),
    ("extend", "category", "--add", "note:text?"),
)
"""Eight changes of eight features; what they refer to is there before."""
WORKTREES = 4


def started(root: Path, *arguments: str) -> "subprocess.Popen[str]":
    """The installed `kit feature`, under way in `root`."""
    command: list[str | Path] = [root / ".venv/bin/kit", "feature", *arguments, "--json"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(root)}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=root, stdout=pipe, stderr=pipe, text=True, env=environment)


def facts_of(process: "subprocess.Popen[str]") -> dict[str, Any]:
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, output + errors
    facts: dict[str, Any] = json.loads(output)
    return facts


def contents(root: Path) -> dict[str, bytes]:
    return {path: (root / path).read_bytes() for path in list_files(root)}


def test_eight_processes_change_one_workspace_at_once() -> None:
    with scratch_workspace(ROOT) as root:
        workspace = Workspace.open(root)
        before = heads.read(workspace)
        made = [facts_of(process) for process in [started(root, *change) for change in AT_ONCE]]
        after = heads.read(workspace)
        new = [one for one in after.pending(()) if one.id not in before.revisions]
        assert {one.id for one in new} == {facts["revision"] for facts in made}
        assert [one.parents for one in new] == [(before.head,), *((one.id,) for one in new[:-1])]
        assert {change[1] for change in AT_ONCE} <= ledger.read(workspace).keys()
        assert len(history.ids(workspace)) == len(AT_ONCE)
        bad = objections(gates_of(root))
        assert not bad, explained(bad)


def test_worktrees_of_one_repository_do_not_interfere(tmp_path: Path) -> None:
    with scratch_workspace(ROOT) as root:
        before = contents(root)
        trees = [tmp_path / f"tree{number}" for number in range(WORKTREES)]
        for tree in trees:
            subprocess.run(["git", "worktree", "add", "--quiet", "--detach", tree], cwd=root, check=True)
            (tree / ".venv").symlink_to((root / ".venv").resolve())
        adding = [
            started(tree, "add", "supplier", f"name:string(2..{100 + number})", f"only_{number}:int?")
            for number, tree in enumerate(trees)
        ]
        made = [facts_of(process) for process in adding]
        assert contents(root) == before
        assert len({facts["revision"] for facts in made}) == WORKTREES
        for number, (tree, facts) in enumerate(zip(trees, made, strict=True)):
            workspace = Workspace.open(tree)
            assert ledger.read(workspace)["supplier"].spec["fields"][1] == f"only_{number}:int?"
            assert heads.read(workspace).head == facts["revision"]
            assert history.ids(workspace) == [facts["change_id"]]
        undoing = [started(tree, "undo") for tree in trees[:2]]
        assert [facts_of(process)["change_id"] for process in undoing]
        assert [contents(tree) == before for tree in trees] == [True, True, False, False]
