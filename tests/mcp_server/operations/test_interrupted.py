"""What others save while a change is made is not lost; a change that was stopped is finished or passed over."""

from collections.abc import Mapping
from typing import Any

import pytest

from mcp_server.changes import history, put
from mcp_server.changes.record import Record
from mcp_server.operations import places, removing, splicing
from mcp_server.operations.context import Context
from mcp_server.operations.feature_files import NewRevision, new_revision
from mcp_server.operations.formatting import format_alike
from mcp_server.workspace.errors import InvalidInput, Refused
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.operations.changes import EXTEND, do, edit, scaffold
from tests.mcp_server.operations.conftest import contents


async def test_an_edit_in_the_middle_of_an_extension_is_not_lost(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = context.workspace.root / "app/models/supplier.py"
    await scaffold(context)
    edit(context.workspace.root)

    async def save_and_format(workspace: Workspace, merged: Mapping[str, str]) -> dict[str, str]:
        path.write_text(path.read_text() + "\n# saved in the meantime\n")
        return await format_alike(workspace, merged)

    monkeypatch.setattr(splicing, "format_alike", save_and_format)
    with pytest.raises(Refused, match="CHG001"):
        await do(context, "extend_feature", **EXTEND)
    assert path.read_text().endswith("# saved in the meantime\n")


async def test_a_file_that_comes_in_the_middle_of_a_creation_is_not_overwritten(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = context.workspace.root / "app/services/supplier.py"

    def save_and_register(workspace: Workspace) -> dict[str, str]:
        path.write_text("# mine\n")
        return {}

    monkeypatch.setattr(places, "registered", save_and_register)
    with pytest.raises(Refused, match="CHG001"):
        await scaffold(context)
    assert path.read_text() == "# mine\n"


async def test_an_edit_in_the_middle_of_a_removal_is_not_lost(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = context.workspace.root / "app/services/supplier.py"
    await scaffold(context)

    def save_and_write(*arguments: Any) -> NewRevision:
        path.write_text("# mine\n")
        return new_revision(*arguments)

    monkeypatch.setattr(removing, "new_revision", save_and_write)
    with pytest.raises(Refused, match="CHG001"):
        await do(context, "remove_feature", feature="supplier")
    assert path.read_text() == "# mine\n"


class Stopped(BaseException):
    """As an interrupt of the process is."""


async def test_what_the_next_operation_finishes_can_be_undone(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_workspace: Workspace, _plan: Record) -> list[str]:
        raise Stopped

    before = contents(context.workspace.root)
    with monkeypatch.context() as stopping:
        stopping.setattr(put, "forward", stop)
        with pytest.raises(Stopped):
            await scaffold(context)
    assert contents(context.workspace.root) == before
    undone = await do(context, "undo_change")  # the change is finished first
    assert "Add feature supplier" in undone["notes"][0]
    assert contents(context.workspace.root) == before


async def test_a_change_that_never_came_about_is_passed_over(context: Context) -> None:
    made = await scaffold(context)
    workspace = context.workspace
    phantom = history.load(workspace, made["change_id"])
    await do(context, "undo_change")
    history.record(workspace, phantom, "scaffold_feature")  # recorded, and killed before it was applied
    with pytest.raises(InvalidInput, match="UND001"):
        await do(context, "undo_change")
