"""The staged check: each fault with its code and place, all at once, and nothing written."""

import os
from pathlib import Path

import pytest

from mcp_server.changes import staged
from mcp_server.changes.change_set import ChangeSet, FileChange
from mcp_server.workspace.errors import InvalidInput, Refused
from mcp_server.workspace.workspace import Workspace


def creating(*paths: str, content: bytes = b"") -> ChangeSet:
    return ChangeSet("create", tuple(FileChange(path, None, content) for path in paths))


def codes(change_set: ChangeSet, workspace: Workspace) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        staged.check(workspace, change_set)
    assert all(problem.hint and problem.reason for problem in caught.value.problems)
    return [(problem.code, problem.place) for problem in caught.value.problems]


def test_a_good_change_set_passes_and_writes_nothing(workspace: Workspace) -> None:
    before = sorted(workspace.root.rglob("*"))
    change = ChangeSet.between(
        "good",
        {"app/user.py": b"class User: ...\n", "notes.txt": b"notes\n"},
        {
            "app/user.py": b"class User:\n    x = '\\d'\n",
            "notes.txt": None,
            "a.json": b"[1]",
            "b.yml": b"a: !tag [1]\n---\nb: 2\n",
        },
    )
    staged.check(workspace, change)
    assert sorted(workspace.root.rglob("*")) == before


@pytest.mark.parametrize(
    "path", ["../outside.py", "/etc/passwd", "app/../../x.py", "C:/x.py", "app\\x.py", "", ".", "a\0b.py"]
)
def test_paths_out_of_the_root(workspace: Workspace, path: str) -> None:
    assert codes(creating(path), workspace) == [("WS002", path or "(empty)")]


def test_a_directory_that_links_out(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (workspace.root / "linked").symlink_to(tmp_path / "elsewhere")
    assert codes(creating("linked/x.py"), workspace) == [("WS002", "linked/x.py")]


@pytest.mark.parametrize("path", ["app//x.py", "./app/x.py", "app/x.py/"])
def test_paths_in_another_spelling(workspace: Workspace, path: str) -> None:
    assert codes(creating(path), workspace) == [("WS002", path)]


@pytest.mark.parametrize("path", [".git/hooks/pre-commit", ".venv/x.py", ".kit/scratch/x", ".kit/history/x"])
def test_paths_that_are_not_source(workspace: Workspace, path: str) -> None:
    assert codes(creating(path), workspace) == [("CHG004", path)]


def test_the_ledger_is_source(workspace: Workspace) -> None:
    staged.check(workspace, creating(".kit/ledger/product.json", content=b"{}"))


def test_places_where_no_file_can_be(workspace: Workspace) -> None:
    os.mkfifo(workspace.root / "pipe")
    (workspace.root / "alias.py").symlink_to("app/user.py")
    change = creating("app", "app/user.py/inner.py", "alias.py", "pipe")
    assert codes(change, workspace) == [
        ("CHG003", "app/user.py/inner.py"),
        ("CHG003", "app"),
        ("CHG003", "app/user.py/inner.py"),
        ("CHG003", "alias.py"),
        ("CHG003", "pipe"),
    ]


def test_files_that_would_overwrite_each_other(workspace: Workspace) -> None:
    assert codes(creating("x/A.py", "x/a.py"), workspace) == [("CHG003", "x/a.py")]
    assert codes(creating("x/a.py", "x/a.py"), workspace) == [("CHG003", "x/a.py")]


def test_a_rename_that_only_changes_case_is_two_edits_of_one_file(workspace: Workspace) -> None:
    change = ChangeSet.between(
        "case", {"app/user.py": b"class User: ...\n"}, {"app/user.py": None, "app/User.py": b""}
    )
    assert codes(change, workspace) == [("CHG003", "app/user.py")]


@pytest.mark.parametrize(
    ("path", "content", "place"),
    [
        ("x.py", b"a = 1\ndef f(:\n", "x.py:2"),
        ("x.py", b"return 1\n", "x.py:1"),
        ("x.py", b"def f(a, a): ...\n", "x.py:1"),
        ("x.py", b"a = '\0'\n", "x.py"),
        ("x.py", b"\xff\n", "x.py"),
        ("x.json", b'{\n"a" 1}', "x.json:2"),
        ("x.toml", b"[a\n", "x.toml"),
        ("x.toml", b"\xff", "x.toml"),
        ("x.yaml", b"a: [1\n", "x.yaml"),
        ("x.yml", b"a: 'b\n", "x.yml"),
    ],
)
def test_results_that_do_not_parse(workspace: Workspace, path: str, content: bytes, place: str) -> None:
    [(code, found)] = codes(creating(path, content=content), workspace)
    assert (code, found.partition(":")[0]) == ("CHG002", path)
    if ":" in place:
        assert found == place


def test_every_problem_is_named_at_once(workspace: Workspace) -> None:
    change = ChangeSet(
        "bad",
        (FileChange("../x.py", None, b""), FileChange("a.py", None, b"("), FileChange("app", None, b"")),
    )
    assert codes(change, workspace) == [("WS002", "../x.py"), ("CHG002", "a.py:1"), ("CHG003", "app")]


def test_a_stale_plan_is_refused_with_every_file(workspace: Workspace) -> None:
    change = ChangeSet.between(
        "stale",
        {"app/user.py": b"other\n", "gone.py": b"x\n", "notes.txt": None},
        {"app/user.py": b"", "gone.py": None, "notes.txt": b""},
    )
    with pytest.raises(Refused) as caught:
        staged.check(workspace, change)
    assert [(each.code, each.place, each.reason) for each in caught.value.problems] == [
        ("CHG001", "app/user.py", "was edited since the change was planned"),
        ("CHG001", "gone.py", "was deleted since the change was planned"),
        ("CHG001", "notes.txt", "a file is already there"),
    ]
