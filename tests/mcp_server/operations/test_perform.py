"""What `perform` adds to every operation: recovery, the place, and no exception that a caller would have to guess."""

from pathlib import Path

import pytest

from mcp_server.changes.change_set import ChangeSet, FileChange
from mcp_server.changes.record import Record
from mcp_server.operations.context import Context
from mcp_server.operations.operation import Operation
from mcp_server.operations.registry import perform
from mcp_server.operations.result import Request, Result
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.errors import KitError, Problem, Refused
from mcp_server.workspace.workspace import Workspace


async def _fine(context: Context, _request: Request) -> Result:
    return Result()


async def _defective(context: Context, _request: Request) -> Result:
    raise LookupError("no such thing")


async def _refusing(context: Context, _request: Request) -> Result:
    raise Refused(Problem("X001", "here", "no", "stop"))


def operation(run: object) -> Operation[Request, Result]:
    return Operation("probe", "Probe", "For tests.", Request, Result, run)  # type: ignore[arg-type]


@pytest.fixture
def context(tmp_path: Path) -> Context:
    (tmp_path / "pyproject.toml").write_text("[tool.fastapi-agent-kit]\n")
    workspace = Workspace.open(tmp_path)
    return Context(workspace, WarmChild(workspace))


async def test_a_result_says_where_it_ran(context: Context) -> None:
    result = await perform(operation(_fine), context, {})
    assert result.root == str(context.workspace.root)
    assert len(result.tree) == 12


async def test_the_tree_is_the_one_that_was_left(context: Context) -> None:
    async def writing(context: Context, _request: Request) -> Result:
        (context.workspace.root / "new.txt").write_text("new")
        return Result()

    before = await perform(operation(_fine), context, {})
    after = await perform(operation(writing), context, {})
    again = await perform(operation(_fine), context, {})
    assert before.tree != after.tree == again.tree


async def test_a_defect_is_named_as_one(context: Context, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(KitError) as raised:
        await perform(operation(_defective), context, {})
    (problem,) = raised.value.problems
    assert (problem.code, problem.place) == ("KIT500", "probe")
    assert "LookupError: no such thing" in problem.reason
    assert "Traceback" in caplog.text


async def test_an_expected_failure_is_passed_on(context: Context) -> None:
    with pytest.raises(Refused, match="X001"):
        await perform(operation(_refusing), context, {})


async def test_an_interrupted_change_is_finished_first(context: Context) -> None:
    change_set = ChangeSet("interrupted", (FileChange("half.txt", None, b"whole\n"),))
    room = context.workspace.scratch / "journal"
    room.mkdir()
    (room / "committed").write_bytes(Record.of(change_set, context.workspace.root).encode())
    await perform(operation(_fine), context, {})
    assert (context.workspace.root / "half.txt").read_bytes() == b"whole\n"
