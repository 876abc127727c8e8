"""Two lines of revisions become one: the line that the database lacks is moved, and what is applied stays."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mcp_server.changes import ledger
from mcp_server.migrations import heads
from mcp_server.operations.context import Context, no_progress
from mcp_server.operations.feature_files import content_hash
from mcp_server.operations.rebasing import rebase
from mcp_server.operations.registry import OPERATIONS, perform
from mcp_server.workspace.errors import Refused
from tests.mcp_server.migrations.lab import Lab, make

SIGNED = "alembic/versions/cccccccccccc_signed.py"
SHOPS = "alembic/versions/dddddddddddd_shops.py"


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    """Revisions c and d both build on b; d belongs to a feature of the ledger."""
    made = make(tmp_path / "workspace")
    made.load("two_heads")
    file = made.workspace.root / SHOPS
    text = file.read_text().replace('revisions"""', 'revisions \u2028\n\nRevises: bbbbbbbbbbbb\n"""')
    file.write_text(text)
    entry = ledger.Entry("shop", {"plural": "shops"}, {SHOPS: content_hash(text)}, ("dddddddddddd",))
    path, content = entry.to_file()
    (made.workspace.root / path).parent.mkdir(parents=True)
    (made.workspace.root / path).write_bytes(content)
    yield made
    await made.child.close()


def at(lab: Lab, *revisions: str) -> Context:
    """The database of the lab says that it is at these revisions."""
    lab.query("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    for one in revisions:
        lab.query(f"INSERT INTO alembic_version VALUES ('{one}')")  # noqa: S608 -- our own ids
    return Context(lab.workspace, lab.child, no_progress)


@pytest.mark.parametrize(
    ("applied", "order"),
    [("bbbbbbbbbbbb", "abcd"), ("cccccccccccc", "abcd"), ("dddddddddddd", "abdc")],
)
async def test_the_line_that_is_not_applied_moves(lab: Lab, applied: str, order: str) -> None:
    context = at(lab, applied)
    await rebase(context)
    assert [one.id[0] for one in heads.read(lab.workspace).pending(())] == list(order)
    assert (await rebase(context)).files == {}


async def test_ledger_and_docstring_follow_and_undo_gives_everything_back(lab: Lab) -> None:
    context = at(lab, "cccccccccccc")
    before = lab.workspace.text(SHOPS)
    shown = await rebase(context, dry_run=True)
    assert lab.workspace.text(SHOPS) == before
    assert '+down_revision: str | None = "cccccccccccc"' in shown.diff
    await rebase(context)
    text = lab.workspace.text(SHOPS)
    assert text == before.replace("bbbbbbbbbbbb", "cccccccccccc")
    assert ledger.read(lab.workspace)["shop"].files == {SHOPS: content_hash(text)}
    await perform(OPERATIONS["undo_change"], context, {})
    assert lab.workspace.text(SHOPS) == before


async def test_workspace_info_names_both_heads_and_the_way_out(lab: Lab) -> None:
    info = (await perform(OPERATIONS["workspace_info"], at(lab, "cccccccccccc"), {})).facts()
    assert info["migrations"]["heads"] == ["cccccccccccc", "dddddddddddd"]
    assert info["migrations"]["current"] == ["cccccccccccc"]
    assert "kit migrate rebase" in info["migrations"]["problem"]


async def test_what_is_applied_on_both_sides_stays(lab: Lab) -> None:
    context = at(lab, "cccccccccccc", "dddddddddddd")
    with pytest.raises(Refused) as caught:
        await rebase(context)
    assert [problem.code for problem in caught.value.problems] == ["MIG046"]
    assert "alembic merge" in caught.value.problems[0].hint


async def test_a_database_ahead_of_the_files_is_named(lab: Lab) -> None:
    with pytest.raises(Refused) as caught:
        await rebase(at(lab, "eeeeeeeeeeee"))
    assert [problem.code for problem in caught.value.problems] == ["MIG014"]
