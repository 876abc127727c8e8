"""History: a recorded change set comes back byte for byte, and stays out of the commit."""

from collections.abc import Callable

import pytest

from mcp_server.changes import history
from mcp_server.changes.change_set import ChangeSet
from mcp_server.workspace.errors import InvalidInput
from mcp_server.workspace.workspace import Workspace

EVERYTHING = bytes(range(256))


def change(title: str, content: bytes) -> ChangeSet:
    return ChangeSet.between(
        title, {"a": b"old", "gone": content}, {"a": content, "gone": None, "new/b": content}
    )


def test_a_change_set_comes_back_exactly(workspace: Workspace) -> None:
    original = change("Add x", EVERYTHING)
    change_id = history.record(workspace, original, "scaffold_feature")
    assert history.load(workspace, change_id) == original


def test_ids_sort_by_time_and_differ(workspace: Workspace) -> None:
    made = [history.record(workspace, change("same", b"same"), "op") for _ in range(5)]
    assert history.ids(workspace) == made
    assert len(set(made)) == 5


def test_content_is_stored_once(workspace: Workspace) -> None:
    content = EVERYTHING * 100
    change_id = history.record(workspace, change("one", content), "op")
    [stored] = (workspace.root / ".kit/history").glob("*.change")
    assert stored.stem == change_id
    assert len(content) < stored.stat().st_size < 2 * len(content)


def test_history_is_no_part_of_the_tree(workspace: Workspace) -> None:
    before = workspace.files()
    history.record(workspace, change("x", EVERYTHING), "op")
    assert workspace.files() == before


def test_an_unknown_change(workspace: Workspace) -> None:
    for change_id in ("20260101T000000-abc", "../ledger/product"):
        with pytest.raises(InvalidInput, match="CHG009"):
            history.load(workspace, change_id)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:9],
        lambda data: data[:-1],
        lambda data: data[:-1] + b"?",
        lambda data: data.replace(b'"contents"', b'"content"'),
    ],
)
def test_a_damaged_record_is_never_handed_out(workspace: Workspace, damage: Callable[[bytes], bytes]) -> None:
    change_id = history.record(workspace, change("x", EVERYTHING), "op")
    [stored] = (workspace.root / ".kit/history").glob("*.change")
    stored.write_bytes(damage(stored.read_bytes()))
    with pytest.raises(InvalidInput, match="CHG010"):
        history.load(workspace, change_id)


def recorded(workspace: Workspace, before: bytes, after: bytes, undoes: str | None = None) -> str:
    """A change of one file that comes about."""
    change_id = history.record(
        workspace, ChangeSet.between("a", {"a": before}, {"a": after}), "op", undoes=undoes
    )
    (workspace.root / "a").write_bytes(after)
    return change_id


def test_changes_that_reversed_each_other_are_undone_once_each(workspace: Workspace) -> None:
    there = recorded(workspace, b"1", b"2")
    back = recorded(workspace, b"2", b"1")
    recorded(workspace, b"1", b"2", undoes=back)
    recorded(workspace, b"2", b"1", undoes=there)
    assert history.in_effect(workspace) == []


def test_an_undo_that_never_came_about_counts_for_nothing(workspace: Workspace) -> None:
    first = recorded(workspace, b"1", b"2")
    history.record(workspace, ChangeSet.between("a", {"a": b"2"}, {"a": b"1"}), "op", undoes=first)
    assert history.in_effect(workspace) == [first]
    second = recorded(workspace, b"2", b"3")
    assert history.in_effect(workspace) == [first, second]


def test_a_change_that_was_undone_and_done_again_very_often(workspace: Workspace) -> None:
    last = first = recorded(workspace, b"old", b"new")
    for number in range(1500):
        content = (b"new", b"old") if number % 2 == 0 else (b"old", b"new")
        last = recorded(workspace, *content, undoes=last)
    assert history.in_effect(workspace) == [first]
