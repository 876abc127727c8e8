"""Applying and recovering, one behaviour at a time; what a kill leaves is in test_kill_points.py."""

import asyncio
import fcntl
import os
from pathlib import Path

import pytest

from mcp_server.changes import journal, put
from mcp_server.changes.change_set import ChangeSet
from mcp_server.workspace.errors import InvalidInput, KitError, Refused
from mcp_server.workspace.workspace import Workspace


def edit(workspace: Workspace, **after: bytes | None) -> ChangeSet:
    """A change set from the tree as it is; keys name files with `__` for `/`."""
    wanted = {path.replace("__", "/").replace("_py", ".py"): content for path, content in after.items()}
    return ChangeSet.between("an edit", {path: workspace.read(path) for path in wanted}, wanted)


def everything(root: Path) -> dict[str, bytes | None]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None
        for path in root.rglob("*")
    }


async def interrupt(workspace: Workspace, change_set: ChangeSet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the change committed in the journal and not begun in the tree."""
    with monkeypatch.context() as patch:
        patch.setattr(put, "forward", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            await journal.apply(workspace, change_set)


def _interrupted(*_: object) -> list[str]:
    raise KeyboardInterrupt


async def test_creates_edits_and_deletes(workspace: Workspace) -> None:
    await journal.apply(workspace, edit(workspace, app__new__deep__x_py=b"x = 1\n", app__user_py=None))

    assert workspace.read("app/new/deep/x.py") == b"x = 1\n"
    assert workspace.read("app/user.py") is None
    assert await journal.recover(workspace) is None


async def test_a_deletion_takes_the_directories_it_empties_with_it(workspace: Workspace) -> None:
    (workspace.root / "app/one/two/__pycache__").mkdir(parents=True)
    (workspace.root / "app/one/two/__pycache__/x.cpython-311.pyc").write_bytes(b"compiled")
    (workspace.root / "app/one/two/x.py").write_bytes(b"")

    await journal.apply(workspace, edit(workspace, app__one__two__x_py=None))

    assert not (workspace.root / "app/one").exists()
    assert (workspace.root / "app").is_dir()


async def test_the_opposite_change_gives_back_every_byte_and_directory(workspace: Workspace) -> None:
    before = everything(workspace.root)
    forward = edit(workspace, app__a__b__c_py=b"c = 1\n", app__user_py=b"\xff binary \x00\n", notes=b"")
    await journal.apply(workspace, forward)
    undo = ChangeSet.between(
        "undo",
        {each.path: each.after for each in forward.changes},
        {each.path: each.before for each in forward.changes},
    )
    await journal.apply(workspace, undo)

    after = {
        path: content for path, content in everything(workspace.root).items() if not path.startswith(".kit")
    }
    assert after == before


async def test_refuses_a_tree_that_moved_on_and_names_every_file(workspace: Workspace) -> None:
    planned = edit(workspace, app__user_py=b"planned\n", app__new_py=b"", app__other_py=b"")
    (workspace.root / "app/user.py").write_bytes(b"edited by hand\n")
    (workspace.root / "app/new.py").write_bytes(b"made by hand\n")
    before = everything(workspace.root / "app")

    with pytest.raises(Refused) as caught:
        await journal.apply(workspace, planned)

    assert [(each.code, each.place) for each in caught.value.problems] == [
        ("CHG001", "app/new.py"),
        ("CHG001", "app/user.py"),
    ]
    assert everything(workspace.root / "app") == before


async def test_an_empty_change_set_writes_nothing(workspace: Workspace) -> None:
    await journal.apply(workspace, ChangeSet("nothing", ()))
    assert not (workspace.root / ".kit").exists()


async def test_an_idle_recovery_writes_nothing(workspace: Workspace) -> None:
    assert await journal.recover(workspace) is None
    assert not (workspace.root / ".kit").exists()


async def test_recovery_finishes_a_committed_change_and_says_so(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await interrupt(workspace, edit(workspace, app__user_py=b"new\n", app__x__y_py=b"y\n"), monkeypatch)
    assert workspace.read("app/user.py") == b"class User: ...\n"

    assert await journal.recover(workspace) == "finished the interrupted change 'an edit' (2 files)"
    assert workspace.read("app/user.py") == b"new\n"
    assert workspace.read("app/x/y.py") == b"y\n"
    assert await journal.recover(workspace) is None


async def test_the_next_apply_recovers_first(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    await interrupt(workspace, edit(workspace, app__user_py=b"new\n"), monkeypatch)
    change = ChangeSet.between("next", {"app/user.py": b"new\n"}, {"app/user.py": b"newer\n"})

    await journal.apply(workspace, change)

    assert workspace.read("app/user.py") == b"newer\n"


async def test_an_edit_made_between_crash_and_recovery_is_kept(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await interrupt(workspace, edit(workspace, app__user_py=b"new\n"), monkeypatch)
    (workspace.root / "app/user.py").write_bytes(b"edited meanwhile\n")

    message = await journal.recover(workspace)

    assert workspace.read("app/user.py") == b"new\n"
    assert message is not None
    place = message.rsplit(" ", 1)[-1]
    assert place.startswith(".kit/history/displaced/")
    assert workspace.read(place) == b"edited meanwhile\n"


async def test_a_damaged_record_touches_nothing(workspace: Workspace) -> None:
    room = workspace.scratch / "journal"
    room.mkdir()
    (room / "committed").write_bytes(b'{"id": "x", "changes": [["app/user.py"')
    before = everything(workspace.root / "app")

    with pytest.raises(KitError) as caught:
        await journal.recover(workspace)

    assert caught.value.problems[0].code == "CHG005"
    assert everything(workspace.root / "app") == before


async def test_a_record_cannot_lead_out_of_the_workspace(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await interrupt(workspace, edit(workspace, app__sub__x_py=b"x\n"), monkeypatch)
    outside = workspace.root.parent / "outside"
    outside.mkdir()
    (workspace.root / "app/sub").symlink_to(outside)

    with pytest.raises(InvalidInput, match="WS002"):
        await journal.recover(workspace)
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("blocked", ["app/user.py/x.py", "app/taken"])
async def test_what_cannot_be_written_leaves_the_old_tree(workspace: Workspace, blocked: str) -> None:
    # A file in the place of a directory, and the reverse, stop even root, whom permissions do not stop.
    (workspace.root / "app/taken").mkdir()
    planned = ChangeSet.between("blocked", {}, {"app/a.py": b"a\n", blocked: b"x\n"})
    before = everything(workspace.root / "app")

    with pytest.raises(Refused) as caught:
        await journal.apply(workspace, planned)

    assert caught.value.problems[0].code == "CHG006"
    assert everything(workspace.root / "app") == before
    assert await journal.recover(workspace) is None


async def test_nobody_recovers_a_change_that_is_being_applied(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await interrupt(workspace, edit(workspace, app__user_py=b"new\n"), monkeypatch)
    monkeypatch.setattr(journal, "_PATIENCE_SECONDS", 0)
    descriptor = os.open(workspace.scratch / "journal/lock", os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        with pytest.raises(Refused, match="CHG007"):
            await journal.recover(workspace)
        assert workspace.read("app/user.py") == b"class User: ...\n"
    finally:
        os.close(descriptor)
    assert await journal.recover(workspace) is not None


async def test_waiting_for_another_process_blocks_nobody_and_can_be_given_up(workspace: Workspace) -> None:
    room = workspace.scratch / "journal"
    room.mkdir()
    with (room / "lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        waiting = asyncio.create_task(journal.apply(workspace, edit(workspace, app__new_py=b"")))
        for _ in range(3):
            await asyncio.sleep(0)  # a blocked event loop would not come back from here
        assert not waiting.done()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert workspace.read("app/new.py") is None
    await journal.apply(workspace, edit(workspace, app__new_py=b"x = 1\n"))
    assert workspace.read("app/new.py") == b"x = 1\n"
