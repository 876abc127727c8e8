"""Undo and redo take their own lines; what people have edited since stays, or is named where it is in the way."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from mcp_server.changes import history, ledger
from mcp_server.changes.change_set import ChangeSet, FileChange
from mcp_server.operations.beside_edits import taken_back
from mcp_server.operations.context import Context
from mcp_server.workspace.errors import Refused
from tests.mcp_server.operations.changes import EXTEND, apply_reversed, do, edit, scaffold

MODEL, SCHEMAS, SERVICE = (f"app/{room}/supplier.py" for room in ("models", "schemas", "services"))
WEIGHT: Mapping[str, object] = {"feature": "supplier", "add": ["weight:decimal(8,2)?"]}
BRIEF = "\n\nclass SupplierBrief(Schema):\n    note: str  # ours\n"


def texts(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for folder in ("app", "alembic", "tests", ".kit/ledger")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def write(root: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (root / path).write_text(text)


def add_brief(root: Path) -> None:
    path = root / SCHEMAS
    path.write_text(path.read_text() + BRIEF)


async def test_undo_leaves_what_there_would_be_without_the_change(context: Context) -> None:
    root = context.workspace.root
    await scaffold(context)
    plain = texts(root)
    edit(root)
    wanted = texts(root)
    write(root, plain)
    done = await do(context, "extend_feature", **EXTEND)
    edit(root)
    extended = texts(root)

    shown = await do(context, "undo_change", dry_run=True)
    assert texts(root) == extended
    undone = await do(context, "undo_change")
    assert texts(root) == wanted
    assert f"{MODEL} keeps what was edited since" in undone["notes"]
    assert "Nothing to do" in (await do(context, "undo_change", change_id=done["change_id"]))["next"]
    apply_reversed(root, (root / shown["diff_file"]).read_bytes())
    assert texts(root) == extended, "the dry run showed the very diff"


async def test_redo_keeps_what_was_edited_before_and_since(context: Context) -> None:
    root = context.workspace.root
    await scaffold(context)
    done = await do(context, "extend_feature", **EXTEND)
    edit(root)
    extended = texts(root)
    undone = await do(context, "undo_change")
    without = texts(root)
    add_brief(root)
    redone = await do(context, "undo_change", change_id=undone["change_id"])
    assert f"{SCHEMAS} keeps what was edited since" in redone["notes"]
    assert texts(root) == {**extended, SCHEMAS: extended[SCHEMAS] + BRIEF}
    await do(context, "undo_change")
    assert texts(root) == {**without, SCHEMAS: without[SCHEMAS] + BRIEF}
    assert "Nothing to do" in (await do(context, "undo_change", change_id=done["change_id"]))["next"]


async def test_an_import_that_an_edit_uses_stays(context: Context) -> None:
    root = context.workspace.root
    await scaffold(context)
    await do(context, "extend_feature", **WEIGHT)
    model = root / MODEL
    half = 'def half() -> Decimal:\n    return Decimal("0.5")'
    model.write_text(model.read_text().replace("class Supplier(", f"{half}\n\n\nclass Supplier("))
    await do(context, "undo_change")
    assert "from decimal import Decimal" in model.read_text()
    assert "weight" not in model.read_text()


OVERLAPS: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "the same line": (
        MODEL,
        lambda path: path.write_text(path.read_text().replace("Numeric(8, 2)", "Numeric(9, 2)")),
        "weight: Mapped",
    ),
    "the file is gone": (SCHEMAS, lambda path: path.unlink(), ""),
}


@pytest.mark.parametrize("overlap", OVERLAPS)
async def test_an_edit_of_what_would_go_is_named(context: Context, overlap: str) -> None:
    path, change, line = OVERLAPS[overlap]
    root = context.workspace.root
    await scaffold(context)
    await do(context, "extend_feature", **WEIGHT)
    edit(root)
    change(root / path)
    before = texts(root)
    with pytest.raises(Refused) as caught:
        await do(context, "undo_change")
    numbers = [number for number, text in enumerate(before.get(path, "").splitlines(), 1) if line in text]
    places = [f"{path}:{number}" for number in numbers] if line else [path]
    assert [(each.code, each.place) for each in caught.value.problems] == [
        ("UND002", each) for each in places
    ]
    assert texts(root) == before


async def test_an_edit_that_is_not_utf_8_is_named(context: Context) -> None:
    path = context.workspace.root / SCHEMAS
    await scaffold(context)
    await do(context, "extend_feature", **WEIGHT)
    path.write_bytes(b"# -*- coding: latin-1 -*-\n# \xe9\n" + path.read_bytes())
    with pytest.raises(Refused) as caught:
        await do(context, "undo_change")
    assert [(each.code, each.place) for each in caught.value.problems] == [("UND002", SCHEMAS)]


async def test_a_removed_file_that_is_there_again_is_not_overwritten(context: Context) -> None:
    root = context.workspace.root
    await scaffold(context)
    await do(context, "remove_feature", feature="supplier")
    (root / SERVICE).write_text("# mine\n")
    with pytest.raises(Refused) as caught:
        await do(context, "undo_change")
    assert [(each.code, each.place) for each in caught.value.problems] == [("UND002", SERVICE)]
    assert (root / SERVICE).read_text() == "# mine\n"


async def test_a_later_change_of_the_feature_is_undone_first(context: Context) -> None:
    """The ledger's spec describes the files: neither can be without the later change and keep it."""
    root = context.workspace.root
    await scaffold(context)
    first = await do(context, "extend_feature", feature="supplier", set={"description": "One."})
    second = await do(context, "extend_feature", feature="supplier", set={"pagination": "cursor"})
    before = texts(root)
    with pytest.raises(Refused) as caught:
        await do(context, "undo_change", change_id=first["change_id"])
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("UND007", ledger.path_of("supplier"))
    assert second["change_id"] in problem.reason
    assert texts(root) == before
    await do(context, "undo_change")
    await do(context, "undo_change", change_id=first["change_id"])


async def test_a_change_that_never_came_about_is_passed_over_when_files_are_edited(context: Context) -> None:
    root, workspace = context.workspace.root, context.workspace
    await scaffold(context)
    done = await do(context, "extend_feature", **WEIGHT)
    phantom = history.load(workspace, done["change_id"])
    await do(context, "undo_change")
    history.record(workspace, phantom, "extend_feature")  # recorded, and killed before it was applied
    edit(root)
    with pytest.raises(Refused, match=SERVICE):  # what is left to undo made the file
        await do(context, "undo_change")


async def test_where_the_syntax_does_not_tell_the_lines_do(context: Context) -> None:
    path, start, end = (
        "app/services/report.py",
        'class Report:\n    """Ours."""\n',
        "    y: int\n    z: int\n",
    )
    before, after, now = (f"{start}{each}{end}" for each in ("\n", "\n    x: int\n", "\n\n    x: int\n"))
    write(context.workspace.root, {path: now})
    done = ChangeSet("", (FileChange(path, before.encode(), after.encode()),))
    back, kept = await taken_back(context.workspace, "", done)
    assert kept == [path]
    assert [each.after for each in back.changes] == [f"{start}\n\n{end}".encode()]
