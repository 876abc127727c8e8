"""Change sets as values: what drops out, what the digest sees, what the diff shows."""

import subprocess
from pathlib import Path

from mcp_server.changes.change_set import ChangeSet


def test_equal_files_drop_out_and_paths_are_sorted() -> None:
    change = ChangeSet.between("t", {"b": b"1", "c": b"same"}, {"c": b"same", "b": b"2", "a": b"", "d": None})
    assert [(each.path, each.before, each.after) for each in change.changes] == [
        ("a", None, b""),
        ("b", b"1", b"2"),
    ]
    assert change
    assert not ChangeSet.between("t", {"a": b"1"}, {"a": b"1"})


def test_the_digest_sees_every_part_and_nothing_else() -> None:
    base = ChangeSet.between("t", {"a": b"1"}, {"a": b"2"})
    assert base.digest == ChangeSet.between("other title", {"a": b"1"}, {"a": b"2"}).digest
    others = [
        ChangeSet.between("t", {"a": b"1"}, {"a": None}),
        ChangeSet.between("t", {}, {"a": b"2"}),
        ChangeSet.between("t", {"a": b""}, {"a": b"2"}),
        ChangeSet.between("t", {"b": b"1"}, {"b": b"2"}),
    ]
    assert len({base.digest, *(each.digest for each in others)}) == 5


def test_the_diff_applies_to_exactly_the_result(tmp_path: Path) -> None:
    odd = "form\x0cfeed, \x85, \u2028 and\rreturn\n".encode()
    before: dict[str, bytes | None] = {
        "edit.txt": b"one\ntwo\nthree",
        "gone.txt": b"x\n",
        "odd.txt": odd + b"two",
        "old/__init__.py": b"",
    }
    after: dict[str, bytes | None] = {
        "edit.txt": b"one\n2\nthree\n",
        "odd.txt": odd + b"2",
        "gone.txt": None,
        "new/__init__.py": b"",
        "new/made.txt": b"made",
        "old/__init__.py": None,
    }
    (tmp_path / "old").mkdir()
    for path, content in before.items():
        (tmp_path / path).write_bytes(content or b"")

    diff = ChangeSet.between("t", before, after).diff()
    subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=tmp_path, check=True, capture_output=True)  # noqa: S607

    found = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert found == {path: content for path, content in after.items() if content is not None}
