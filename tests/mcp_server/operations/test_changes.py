"""Extend, remove and undo: a dry run is the truth, a second time changes nothing, undo is exact, hand edits survive."""

from dataclasses import replace
from typing import Any

import pytest

from mcp_server.changes import history, ledger
from mcp_server.operations.context import Context
from mcp_server.workspace import process
from mcp_server.workspace.errors import Refused
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.operations.changes import (
    CHANGES,
    EXTEND,
    SUPPLIER,
    apply_reversed,
    do,
    edit,
    refused,
    scaffold,
)
from tests.mcp_server.operations.conftest import contents


async def test_rows_that_were_marked_are_deleted_when_marks_go(context: Context) -> None:
    await do(context, "scaffold_feature", **SUPPLIER, soft_delete=True)
    done = await do(context, "extend_feature", feature="supplier", set={"soft_delete": False})
    assert [note for note in done["notes"] if "marked as deleted" in note]
    (path,) = (path for path in done["files"] if path.startswith("alembic/"))
    upgrade, downgrade = context.workspace.text(path).split("def downgrade")
    assert upgrade.index("sa.delete(") < upgrade.index('drop_column("deleted_at")')
    assert "sa.delete(" not in downgrade


@pytest.mark.parametrize("change", CHANGES)
async def test_a_dry_run_shows_the_bytes_that_are_applied(context: Context, change: str) -> None:
    root, (name, arguments) = context.workspace.root, CHANGES[change]
    await scaffold(context)
    before, records = contents(root), history.ids(context.workspace)
    shown = await do(context, name, **arguments, dry_run=True)
    assert (contents(root), history.ids(context.workspace)) == (before, records)
    diff = (root / shown["diff_file"]).read_bytes()
    done = await do(context, name, **arguments)
    assert done["files"] == shown["files"]
    applied = contents(root)
    assert applied != before
    apply_reversed(root, diff)
    assert contents(root) == before, "the diff leads from one tree to the other"


async def test_what_is_written_has_the_line_length_of_the_workspace(context: Context) -> None:
    root, ruff = context.workspace.root, context.workspace.python.with_name("ruff")
    pyproject = root / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace("line-length = 110", "line-length = 79"))
    context = replace(context, workspace=Workspace.open(root))
    there = set(contents(root))
    await scaffold(context)
    await do(context, "extend_feature", **EXTEND)
    made = [path for path in contents(root).keys() - there if path.endswith(".py")]
    done = await process.run([ruff, "format", "--check", *made], cwd=root, timeout=30)
    assert done.exit_code == 0, done.stdout


@pytest.mark.parametrize("text", ["", "~", "# nothing but a comment"])
async def test_an_empty_spec_is_refused_and_no_request_for_nothing(context: Context, text: str) -> None:
    assert "SPEC001" in await refused(context, "extend_feature", feature="category", spec=text)


async def test_extending_again_changes_nothing_and_says_so(context: Context) -> None:
    await scaffold(context)
    await do(context, "extend_feature", **EXTEND)
    after, records = contents(context.workspace.root), history.ids(context.workspace)
    again = await do(context, "extend_feature", **EXTEND)
    assert "Nothing to do" in again["next"]
    assert "files" not in again
    assert (contents(context.workspace.root), history.ids(context.workspace)) == (after, records)


@pytest.mark.parametrize("change", ["extend", "remove"])
async def test_undo_gives_back_every_byte_and_undoing_that_does_it_again(
    context: Context, change: str
) -> None:
    root, (name, arguments) = context.workspace.root, CHANGES[change]
    empty = contents(root)
    await scaffold(context)
    before = contents(root)
    await do(context, name, **arguments)
    after = contents(root)
    undone = await do(context, "undo_change")
    assert contents(root) == before
    await do(context, "undo_change", change_id=undone["change_id"])
    assert contents(root) == after
    await do(context, "undo_change")
    await do(context, "undo_change")
    assert contents(root) == empty, "without an id, undo walks back"
    assert await refused(context, "undo_change") == ["UND001"]


async def test_the_ledger_follows(context: Context) -> None:
    made = await scaffold(context)
    done = await do(context, "extend_feature", **EXTEND)
    entry = ledger.read(context.workspace)["supplier"]
    assert entry.revisions == (made["revision"], done["revision"])
    assert entry.former == ("code", "rating")
    assert entry.spec["fields"][0] == "name:string(2..200) unique"
    assert set(entry.files) <= contents(context.workspace.root).keys()


async def test_edits_by_hand_survive_extending_and_undoing_it(context: Context) -> None:
    root = context.workspace.root
    await scaffold(context)
    lines = edit(root)
    before = contents(root)
    done = await do(context, "extend_feature", **EXTEND)
    text = (root / "app/services/supplier.py").read_text() + (root / "app/models/supplier.py").read_text()
    assert [line for line in lines if line not in text] == []
    assert "weight: Mapped[Decimal | None]" in text
    assert any("app/models/supplier.py keeps its edits" in note for note in done["notes"])
    more = await do(context, "extend_feature", feature="supplier", add=["height:int?"])
    assert "shout" in (root / "app/models/supplier.py").read_text()
    assert more["revision"] != done["revision"]
    await do(context, "undo_change")
    await do(context, "undo_change")
    assert contents(root) == before


async def test_an_edit_in_the_way_is_answered_with_reasons_and_patch(context: Context) -> None:
    await scaffold(context)
    model = context.workspace.root / "app/models/supplier.py"
    model.write_text(model.read_text().replace("String(20)", "String(21)"))
    with pytest.raises(Refused) as caught:
        await do(context, "extend_feature", **EXTEND)
    problems = {problem.code: problem for problem in caught.value.problems}
    assert any(code.startswith("EDT") for code in problems)
    assert "code" in problems["EXT008"].reason
    assert (context.workspace.root / problems["EXT008"].place).is_file()
    assert await refused(context, "extend_feature", **EXTEND)


MIXIN = """class Rated:
    \"\"\"What has a rating.\"\"\"

    rating: Mapped[int | None]


class Supplier(Rated, Base):"""


async def test_what_was_put_in_elsewhere_is_left_out_when_asked(context: Context) -> None:
    """A column that moved into a class of one's own is renamed there, which no patch of the model can tell."""
    await scaffold(context)
    model = context.workspace.root / "app/models/supplier.py"
    text = model.read_text().replace("    rating: Mapped[int | None]\n", "")
    model.write_text(text.replace("class Supplier(Base):", MIXIN))
    with pytest.raises(Refused) as caught:
        await do(context, "extend_feature", **EXTEND)
    assert caught.value.problems[0].code == "EDT002"
    assert "by_hand: ['app/models/supplier.py']" in caught.value.problems[-1].hint
    model.write_text(model.read_text().replace("    rating: Mapped", "    score: Mapped"))
    assert await refused(context, "extend_feature", **EXTEND)
    before = contents(context.workspace.root)
    done = await do(context, "extend_feature", **EXTEND, by_hand=["app/models/supplier.py"])
    assert any(note.startswith("app/models/supplier.py:") and "left to you" in note for note in done["notes"])
    text = model.read_text()
    assert text.count("score: Mapped") == 1
    assert "weight: Mapped" in text
    assert "code: Mapped" not in text
    again = await do(context, "extend_feature", **EXTEND)
    assert again["next"].startswith("Nothing to do")
    await do(context, "undo_change")
    assert contents(context.workspace.root) == before


async def test_a_file_that_was_deleted_on_purpose_stays_away_when_asked(context: Context) -> None:
    await scaffold(context)
    tests = "tests/app/api/test_suppliers.py"
    (context.workspace.root / tests).unlink()
    assert await refused(context, "extend_feature", **EXTEND) == ["EXT009"]
    await do(context, "extend_feature", **EXTEND, by_hand=[tests])
    assert tests not in ledger.read(context.workspace)["supplier"].files
    await do(context, "extend_feature", feature="supplier", add=["height:int?"])
    assert not (context.workspace.root / tests).exists()


BAD: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "unknown feature": ("extend_feature", {"feature": "suplier", "drop": ["code"]}, ["FTR001"]),
    "hand-written feature": ("extend_feature", {"feature": "user", "add": ["a:int?"]}, ["FTR002"]),
    "unknown field": ("extend_feature", {"feature": "supplier", "drop": ["cod"]}, ["EXT002"]),
    "unreadable field": ("extend_feature", {"feature": "supplier", "add": ["a:strin?"]}, ["SPEC005"]),
    "no value for rows": ("extend_feature", {"feature": "supplier", "add": ["a:int"]}, ["EXT005"]),
    "unknown target": ("extend_feature", {"feature": "supplier", "add": ["a:ref(nothing)?"]}, ["SPEC050"]),
    "no meaning in the new type": ("extend_feature", {"feature": "supplier", "change": ["code:date"]}, ["EXT011"]),
    "bad bounds": ("extend_feature", {"feature": "supplier", "change": ["code:string(9..2)"]}, ["SPEC032"]),
    "reserved name": ("extend_feature", {"feature": "supplier", "rename": {"code": "public_id"}}, ["SPEC013"]),
    "template": ("extend_feature", {"feature": "supplier", "set": {"description": "{{ 7 }}"}}, ["SPEC022"]),
    "unknown argument": ("extend_feature", {"feature": "supplier", "fields": ["a:int"]}, ["ARG001"]),
    "remove what is not there": ("remove_feature", {"feature": "../../etc"}, ["FTR001"]),
    "undo what is not there": ("undo_change", {"change_id": "../ledger/product"}, ["CHG009"]),
}  # fmt: skip


async def test_a_list_of_places_that_cannot_be_read_is_named(context: Context) -> None:
    (context.workspace.root / "app/core/discovery.py").write_text("MODELS = (\n")
    assert await refused(context, "scaffold_feature", **SUPPLIER) == ["LAY001"]


async def test_bad_requests_are_refused_before_a_file_is_touched(context: Context) -> None:
    await scaffold(context)
    for name, (operation, arguments, codes) in BAD.items():
        assert await refused(context, operation, **arguments) == codes, name


USERS = (
    "from app.models import supplier\n",
    "from ..models.supplier import Supplier\n",
    "from . import supplier\n",
    "def nobody_knows(supplier:\n",
)


async def test_removing_is_refused_while_others_use_it(context: Context) -> None:
    await scaffold(context)
    assert set(await refused(context, "remove_feature", feature="category")) >= {"RMV001"}
    for source in USERS:
        (context.workspace.root / "app/services/report.py").write_text(source)
        assert await refused(context, "remove_feature", feature="supplier") == ["RMV002"], source


async def test_removing_is_refused_while_any_file_of_the_workspace_uses_it(context: Context) -> None:
    await scaffold(context)
    root = context.workspace.root
    (root / "broken.py").write_text("from app.models import supplier(\n")
    (root / "latin.py").write_bytes("# supplier, \u00fc\n".encode("latin-1"))
    assert (await do(context, "remove_feature", feature="supplier", dry_run=True))["files"]
    for path in ("import_rows.py", "app/services/category.py"):
        before = (root / path).read_text() if (root / path).exists() else ""
        (root / path).write_text(f"{before}from app.services.supplier import SupplierService\n")
        assert await refused(context, "remove_feature", feature="supplier") == ["RMV002"], path
        (root / path).write_text(before)


async def test_removing_is_refused_while_others_use_the_package(context: Context) -> None:
    root = context.workspace.root
    pyproject = root / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace('layout = "layered"', 'layout = "domains"'))
    context = replace(context, workspace=Workspace.open(root))
    await scaffold(context)
    (root / "app/services/report.py").write_text("from app.domains import supplier\n")
    assert await refused(context, "remove_feature", feature="supplier") == ["RMV002"]


async def test_removing_edited_files_takes_force(context: Context) -> None:
    await scaffold(context)
    edit(context.workspace.root)
    assert await refused(context, "remove_feature", feature="supplier") == ["RMV003", "RMV003"]
    done = await do(context, "remove_feature", feature="supplier", force=True)
    assert not (context.workspace.root / "app/services/supplier.py").exists()
    assert "drop" in next(path for path in done["files"] if path.startswith("alembic/"))


async def test_undo_names_the_lines_that_were_edited_since(context: Context) -> None:
    await scaffold(context)
    service = context.workspace.root / "app/services/supplier.py"
    lines = service.read_text().splitlines(keepends=True)
    service.write_text("".join([*lines[:4], "# mine\n", *lines[4:]]))
    with pytest.raises(Refused) as caught:
        await do(context, "undo_change")
    assert [(one.code, one.place) for one in caught.value.problems] == [
        ("UND002", "app/services/supplier.py:5")
    ]


async def test_what_a_later_revision_builds_on_is_not_undone(context: Context) -> None:
    made = await scaffold(context)
    await do(context, "scaffold_feature", feature="letter", fields=["text:string"])
    assert await refused(context, "undo_change", change_id=made["change_id"]) == ["UND003"]
    await do(context, "undo_change")
    undone = await do(context, "undo_change", change_id=made["change_id"])
    await do(context, "scaffold_feature", feature="parcel", fields=["text:string"])
    assert await refused(context, "undo_change", change_id=undone["change_id"]) == ["UND004"]
