"""Extend, remove and undo: a dry run is the truth, a second time changes nothing, undo is exact, hand edits survive."""
# ruff: noqa: S607 - the tests start git

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mcp_server.changes import history, ledger
from mcp_server.migrations.apply import apply
from mcp_server.migrations.plan import plan
from mcp_server.operations.context import Context
from mcp_server.operations.registry import OPERATIONS, perform
from mcp_server.workspace.errors import InvalidInput, KitError, Refused
from tests.mcp_server.operations.conftest import contents

SUPPLIER: dict[str, Any] = {
    "feature": "supplier",
    "fields": [
        "name:string(2..100) unique",
        "code:string(..20)",
        "rating:int? >=1",
        "category:ref(category)?",
    ],
    "search": ["name"],
    "filters": ["rating"],
    "sort": ["name"],
}
EXTEND: dict[str, Any] = {
    "feature": "supplier",
    "add": ["weight:decimal(8,2)?", "active:bool=true"],
    "change": ["name:string(2..200) unique"],
    "rename": {"rating": "score"},
    "drop": ["code"],
    "include": {"filters": ["weight"], "sort": ["weight"]},
}


async def do(context: Context, name: str, **arguments: Any) -> dict[str, Any]:
    return (await perform(OPERATIONS[name], context, arguments)).facts()


async def scaffold(context: Context) -> dict[str, Any]:
    return await do(context, "scaffold_feature", **SUPPLIER)


async def refused(context: Context, name: str, **arguments: Any) -> list[str]:
    """The codes of a refusal that left everything as it was."""
    before = contents(context.workspace.root)
    with pytest.raises(KitError) as caught:
        await do(context, name, **arguments)
    assert contents(context.workspace.root) == before
    return [problem.code for problem in caught.value.problems]


async def test_rows_that_were_marked_are_deleted_when_marks_go(context: Context) -> None:
    await do(context, "scaffold_feature", **SUPPLIER, soft_delete=True)
    done = await do(context, "extend_feature", feature="supplier", set={"soft_delete": False})
    assert [note for note in done["notes"] if "marked as deleted" in note]
    (path,) = (path for path in done["files"] if path.startswith("alembic/"))
    upgrade, downgrade = context.workspace.text(path).split("def downgrade")
    assert upgrade.index("sa.delete(") < upgrade.index('drop_column("deleted_at")')
    assert "sa.delete(" not in downgrade


def apply_reversed(root: Path, diff: bytes) -> None:
    subprocess.run(["git", "apply", "--reverse", "--allow-empty", "-"], cwd=root, input=diff, check=True)


CHANGES: dict[str, tuple[str, Mapping[str, Any]]] = {
    "extend": ("extend_feature", EXTEND),
    "remove": ("remove_feature", {"feature": "supplier"}),
    "undo": ("undo_change", {}),
}


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


def edit(root: Path) -> list[str]:
    """Edits as people make them, beside and between what is generated; the lines that have to survive."""
    service = root / "app/services/supplier.py"
    text = service.read_text()
    method = '    async def rank(self) -> str:\n        """Ours."""\n        return "first"  # by hand\n'
    text = text.replace("    async def create(", f"{method}\n    async def create(", 1)
    service.write_text(text.replace("log: Filtering", "LIMIT = 7  # ours\n\nlog: Filtering", 1))
    model = root / "app/models/supplier.py"
    model.write_text(
        model.read_text() + "\n    @property\n    def shout(self) -> str:\n        return self.name.upper()\n"
    )
    return ["LIMIT = 7  # ours", *method.splitlines(), "        return self.name.upper()"]


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


async def test_bad_requests_are_refused_before_a_file_is_touched(context: Context) -> None:
    await scaffold(context)
    for name, (operation, arguments, codes) in BAD.items():
        assert await refused(context, operation, **arguments) == codes, name


async def test_removing_is_refused_while_others_use_it(context: Context) -> None:
    await scaffold(context)
    assert set(await refused(context, "remove_feature", feature="category")) >= {"RMV001"}
    (context.workspace.root / "app/services/report.py").write_text("from app.models import supplier\n")
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


async def migrate(context: Context) -> None:
    planned = await plan(context.workspace, context.child, prove=False)
    await apply(context.workspace, context.child, planned.token)


async def sql(context: Context, statement: str) -> list[Any]:
    import sqlite3

    with sqlite3.connect(context.workspace.root / "app.db") as connection:
        rows = connection.execute(statement).fetchall()
    connection.close()
    return rows


async def test_an_applied_migration_is_downgraded_first_and_rows_are_not_lost_unasked(
    context: Context,
) -> None:
    before = contents(context.workspace.root)
    made = await scaffold(context)
    await migrate(context)
    stamp = "2026-01-01 00:00:00"
    values = f"1, '{'0' * 32}', 'Acme', 'a', '{stamp}', '{stamp}'"
    await sql(context, f"INSERT INTO suppliers (id, public_id, name, code, created_at, updated_at) VALUES ({values})")  # noqa: S608  # fmt: skip
    assert await refused(context, "undo_change") == ["UND006"]
    shown = await do(context, "undo_change", confirm=True, dry_run=True)
    assert any("would first downgrade" in note for note in shown["notes"])
    assert await sql(context, "SELECT version_num FROM alembic_version") == [(made["revision"],)]
    done = await do(context, "undo_change", confirm=True)
    assert any("copy from before" in note for note in done["notes"])
    assert await sql(context, "SELECT version_num FROM alembic_version") != [(made["revision"],)]
    assert await sql(context, "SELECT name FROM sqlite_master WHERE name = 'suppliers'") == []
    assert contents(context.workspace.root) == before


async def test_nothing_is_downgraded_on_a_protected_database(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scaffold(context)
    await migrate(context)
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("SECRET_KEY", "k" * 64)
    await context.child.close()  # the next one reads the environment again
    assert await refused(context, "undo_change") == ["UND005"]


async def test_removing_tells_how_many_rows_there_are(context: Context) -> None:
    await scaffold(context)
    told = await do(context, "remove_feature", feature="supplier", dry_run=True)
    assert told["notes"] == ["suppliers is in no database yet"]
    await migrate(context)
    told = await do(context, "remove_feature", feature="supplier", dry_run=True)
    assert told["notes"] == ["suppliers holds 0 rows"]


async def test_a_change_that_never_came_about_is_passed_over(context: Context) -> None:
    made = await scaffold(context)
    workspace = context.workspace
    phantom = history.load(workspace, made["change_id"])
    await do(context, "undo_change")
    history.record(workspace, phantom, "scaffold_feature")  # recorded, and killed before it was applied
    with pytest.raises(InvalidInput, match="UND001"):
        await do(context, "undo_change")
