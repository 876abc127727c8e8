"""A feature that was written by hand, under names and in files of its own, is extended where it is and as it is called."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_server.changes import ledger
from mcp_server.operations.adopting import adopt
from mcp_server.operations.context import Context
from mcp_server.operations.extend_feature import ExtendRequest
from mcp_server.operations.extending import extend
from mcp_server.operations.remove_feature import RemoveRequest
from mcp_server.operations.removing import remove
from mcp_server.operations.scaffold_feature import ScaffoldRequest
from mcp_server.operations.scaffolding import scaffold
from mcp_server.operations.tracing import trace_feature
from mcp_server.operations.undo_change import UndoRequest
from mcp_server.operations.undoing import undo
from mcp_server.workspace.errors import InvalidInput, Refused
from mcp_server.workspace.layout import module_of
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.operations.conftest import contents
from tests.mcp_server.operations.machine_files import FILES

_DEPOT_NAMES = {
    "Depot": "DepotRow",
    "DepotCreate": "NewDepot",
    "DepotUpdate": "ChangedDepot",
    "DepotRead": "ShownDepot",
    "DepotPage": "ShownDepots",
    "DepotQuery": "SearchedDepots",
    "DepotBulk": "ManyDepots",
    "DepotRecord": "StoredDepot",
    "DepotRepository": "Depots",
    "DepotService": "DepotDesk",
    "list_depots": "all_depots",
    "create_depot": "open_depot",
    "get_depot": "one_depot",
    "replace_depot": "move_depot",
    "update_depot": "edit_depot",
    "delete_depot": "close_depot",
    "bulk_create_depots": "open_depots",
    "app.schemas.depot": "app.schemas.storage",
}


def _renamed(text: str) -> str:
    words = (re.escape(word) for word in sorted(_DEPOT_NAMES, key=len, reverse=True))
    return re.sub(rf"\b(?:{'|'.join(words)})\b", lambda match: _DEPOT_NAMES[match[0]], text)


def _give_own_names(root: Path) -> None:
    """Rename the depots' parts in all of the code, and have it laid out as before."""
    for folder in ("app", "tests/app"):
        for path in (root / folder).rglob("*.py"):
            text = path.read_text()
            if (renamed := _renamed(text)) != text:
                path.write_text(renamed)
    service = root / "app/services/depot.py"
    service.write_text(service.read_text().replace("self.depots", "self.stored"))
    (root / "app/schemas/depot.py").rename(root / "app/schemas/storage.py")
    for command in (["check", "--select", "I", "--fix"], ["format"]):
        arguments = [str(root / ".venv/bin/ruff"), *command, "--quiet", "app", "tests/app"]
        subprocess.run(arguments, cwd=root, check=True)  # noqa: S603


_CHANGES = (
    ExtendRequest(
        feature="depot",
        add=["city:string(..60)", "category:ref(category)", "tags:many(category)"],
        rename={"size": "area"},
        drop=["note"],
        include={"filters": ["area", "category"], "sort": ["city"]},
        fill={"city": "Bern", "category": "first"},
    ),
    ExtendRequest(
        feature="depot",
        set={"pagination": "cursor", "access": {"list": "public"}},
        exclude={"operations": ["replace"]},
    ),
)
_BOLT = ScaffoldRequest(
    feature="bolt", fields=["name:string(..40)", "depot:ref(depot)", "others:many(depot)"]
)


async def test_what_has_names_of_its_own_is_extended_as_if_it_had_the_kits(
    root: Path, context: Context, tmp_path: Path
) -> None:
    fields = ["name:string(2..80)", "size:int >=0", "note:text?"]
    request = ScaffoldRequest(feature="depot", fields=fields, filters=["size"])
    await scaffold(context.workspace, request)
    known = shutil.copytree(root, tmp_path / "known", symlinks=True)
    await _perform_all(Workspace.open(known))
    _give_own_names(known)

    _give_own_names(root)
    (root / ledger.path_of("depot")).unlink()
    before = contents(root)
    done = await adopt(context, "depot")
    assert not [note for note in done.notes if "gaps" in note]
    adopted = contents(root)
    await _perform_all(context.workspace)
    assert _without_ledger(contents(root)) == _without_ledger(contents(known))
    for _ in (*_CHANGES, _BOLT):
        await undo(context, UndoRequest())
    assert contents(root) == adopted
    await undo(context, UndoRequest())
    assert contents(root) == before


async def _perform_all(workspace: Workspace) -> None:
    for change in _CHANGES:
        await extend(workspace, change)
    await scaffold(workspace, _BOLT)


def _without_ledger(files: dict[str, str]) -> dict[str, str]:
    return {path: made for path, made in files.items() if not path.startswith(ledger.DIRECTORY)}


@pytest.fixture
def machines(root: Path) -> Path:
    for path, text in FILES.items():
        (root / path).write_text(text)
    return root


async def test_the_ledger_keeps_what_the_parts_are_called_and_where_they_are(
    machines: Path, context: Context
) -> None:
    done = await adopt(context, "machine")
    entry = ledger.read(context.workspace)["machine"]
    assert entry.names == {
        "Create": "MachineIn",
        "Model": "MachineModel",
        "Page": "MachineList",
        "Query": "MachineSearch",
        "Read": "MachineOut",
        "Record": "MachineRow",
        "Repository": "Machines",
        "Service": "MachineManager",
        "Update": "MachinePatch",
        "create": "register_machine",
        "delete": "scrap_machine",
        "get": "show_machine",
        "list": "search_machines",
        "rows": "repository",
        "update": "modify_machine",
    }
    assert entry.places == {"schemas": "app/schemas/shop.py"}
    assert "tests/app/factories/machine.py is of your own making, and stays as it is" in done.notes


async def test_it_is_extended_in_its_own_style(machines: Path, context: Context) -> None:
    await adopt(context, "machine")
    before = contents(machines)
    request = ExtendRequest(
        feature="machine",
        add=["floor:int=1 >=0 <=9", "maker:string(..40)?"],
        rename={"power": "watts", "name": "label"},
        include={"filters": ["floor"], "sort": ["serial"], "operations": ["bulk_create"]},
    )
    shown = await extend(context.workspace, request.model_copy(update={"dry_run": True}))
    assert contents(machines) == before
    done = await extend(context.workspace, request)
    assert shown.files == done.files
    assert "tests/app/factories/machine.py is left to you: it is of your own making" in done.notes
    assert (await extend(context.workspace, request)).files == {}
    schemas = (machines / "app/schemas/shop.py").read_text()
    assert "    label: str = Field(min_length=2, max_length=80)\n" in schemas
    assert "    watts: Annotated[Decimal, scaled(8, 2)] | None = unset()\n" in schemas
    assert "class MachineBulk(Schema):" in schemas
    for name in ("Create", "Update", "Read", "Page", "Query"):
        assert f"Machine{name}" not in schemas
    factory = machines / "tests/app/factories/machine.py"
    assert factory.read_text() == FILES["tests/app/factories/machine.py"]
    found = await trace_feature(context, "machine")  # of the app as it runs now
    assert found.spec.to_document() == ledger.read(context.workspace)["machine"].spec
    await undo(context, UndoRequest())
    assert contents(machines) == before


async def test_others_refer_to_it_by_its_names(machines: Path, context: Context) -> None:
    await adopt(context, "machine")
    await scaffold(context.workspace, ScaffoldRequest(feature="repair", fields=["machine:ref(machine)"]))
    assert (
        "from app.repositories.machine import Machines\n" in (machines / "app/services/repair.py").read_text()
    )
    routes = await context.child.call("mcp_server.inspection.live:routes")  # all of it imports
    assert "/api/v1/machines/{public_id}/repairs" in {one["path"] for one in routes}


async def test_what_others_could_not_import_is_not_referred_to(machines: Path, context: Context) -> None:
    factory = machines / "tests/app/factories/machine.py"
    factory.write_text(factory.read_text().replace("make_machine", "a_machine"))
    done = await adopt(context, "machine")
    told = "tests/app/factories/machine.py has no make_machine: other features cannot refer to this one"
    assert told in done.notes
    with pytest.raises(InvalidInput) as caught:
        await scaffold(context.workspace, ScaffoldRequest(feature="repair", fields=["machine:ref(machine)"]))
    assert [problem.code for problem in caught.value.problems] == ["SPEC050"]


async def test_what_would_use_a_method_that_is_not_there_is_refused(machines: Path, context: Context) -> None:
    await adopt(context, "machine")
    before = contents(machines)
    with pytest.raises(Refused) as caught:
        await extend(context.workspace, ExtendRequest(feature="machine", include={"operations": ["replace"]}))
    told = {(problem.code, problem.reason) for problem in caught.value.problems}
    assert ("EDT002", "`self._change` is used by what has to be put in, and is not there") in told
    assert contents(machines) == before


async def test_a_name_that_means_something_else_to_the_kit_is_not_adopted(
    machines: Path, context: Context
) -> None:
    for path in ("app/schemas/shop.py", "app/services/machine.py", "app/api/v1/machines.py"):
        file = machines / path
        file.write_text(file.read_text().replace("MachinePatch", "MachineBulk"))
    with pytest.raises(Refused) as caught:
        await adopt(context, "machine")
    assert [(problem.code, problem.reason) for problem in caught.value.problems] == [
        ("TRC011", "MachineBulk, the kit's MachineUpdate, has the name of another of the kit's classes")
    ]


async def test_a_file_of_two_features_stays_with_the_other(machines: Path, context: Context) -> None:
    await adopt(context, "machine")
    entry = ledger.read(context.workspace)["category"]
    path, content = replace(entry, files={**entry.files, "app/schemas/shop.py": ledger.OWN}).to_file()
    (machines / path).write_bytes(content)
    with pytest.raises(Refused) as caught:
        await remove(context, RemoveRequest(feature="machine", force=True))
    assert [(problem.code, problem.place) for problem in caught.value.problems] == [
        ("RMV001", "app/schemas/shop.py")
    ]


async def test_what_was_renamed_since_is_adopted_again(root: Path, context: Context) -> None:
    await scaffold(context.workspace, ScaffoldRequest(feature="depot", fields=["name:string(2..80)"]))
    _give_own_names(root)
    made = ledger.read(context.workspace)["depot"]
    before = contents(root)
    await adopt(context, "depot")
    entry = ledger.read(context.workspace)["depot"]
    assert entry.names["Create"] == "NewDepot"
    assert entry.places == {"schemas": "app/schemas/storage.py"}
    assert entry.revisions == made.revisions
    assert entry.files.keys() == {path.replace("schemas/depot", "schemas/storage") for path in made.files}
    assert (await adopt(context, "depot")).files == {}
    await undo(context, UndoRequest())
    assert contents(root) == before


async def test_a_package_is_edited_where_it_is(root: Path, context: Context) -> None:
    await scaffold(context.workspace, ScaffoldRequest(feature="depot", fields=["name:string(2..80)"]))
    _make_package(root / "app/schemas/depot.py")
    await adopt(context, "depot")
    await extend(context.workspace, ExtendRequest(feature="depot", add=["size:int=1"]))
    package = "app/schemas/depot/__init__.py"
    assert "    size: Int32 = 1\n" in (root / package).read_text()
    assert ledger.read(context.workspace)["depot"].places == {"schemas": package}


async def test_a_model_that_is_a_package_is_not_where_the_layout_has_it(root: Path, context: Context) -> None:
    await scaffold(context.workspace, ScaffoldRequest(feature="depot", fields=["name:string(2..80)"]))
    _make_package(root / "app/models/depot.py")
    (root / ledger.path_of("depot")).unlink()
    with pytest.raises(Refused) as caught:
        await adopt(context, "depot")
    assert [problem.code for problem in caught.value.problems] == ["TRC011"]


def _make_package(module: Path) -> None:
    package = module.with_suffix("")
    package.mkdir()
    module.rename(package / "__init__.py")


async def test_each_of_two_repositories_in_one_file_has_its_own_lists(root: Path, context: Context) -> None:
    fields = ["name:string(2..80)", "size:int"]
    await scaffold(context.workspace, ScaffoldRequest(feature="depot", fields=fields, filters=["name"]))
    await scaffold(context.workspace, ScaffoldRequest(feature="crate", fields=fields, filters=["size"]))
    _put_into(root, "app/repositories/crate.py", "app/repositories/depot.py")
    shared = root / "app/repositories/depot.py"
    models = "from app.models.crate import Crate\nfrom app.models.depot"
    shared.write_text(shared.read_text().replace("from app.models.depot", models))
    assert (await trace_feature(context, "crate")).spec.filters == ("size",)
    assert (await trace_feature(context, "depot")).spec.filters == ("name",)


def _put_into(root: Path, path: str, other: str) -> None:
    """Move the classes of a file behind those of another one."""
    _, _, classes = (root / path).read_text().partition("\n\n\n")
    (root / other).write_text(f"{(root / other).read_text()}\n\n{classes}")
    (root / path).unlink()
    for each in (root / "app").rglob("*.py"):
        each.write_text(each.read_text().replace(module_of(path), module_of(other)))


async def test_two_features_are_extended_in_one_file(root: Path, context: Context) -> None:
    depot = ScaffoldRequest(
        feature="depot", fields=["mood:enum(@mood)=good"], enums={"mood": ["good", "bad"]}
    )
    await scaffold(context.workspace, depot)
    await scaffold(context.workspace, ScaffoldRequest(feature="crate", fields=["mood:enum(@mood)=good"]))
    shared = root / "app/schemas/depot.py"
    _put_into(root, "app/schemas/crate.py", "app/schemas/depot.py")
    await adopt(context, "crate")
    await extend(context.workspace, ExtendRequest(feature="depot", rename={"mood.good": "fine"}))
    text = shared.read_text()
    assert text.count("mood: Mood = Mood.FINE\n") == 2
    assert "GOOD" not in text
    shared.write_text(text.replace("mood: Mood = Mood.FINE\n", "mood: Mood = Mood.BAD\n"))
    with pytest.raises(Refused) as caught:
        await extend(context.workspace, ExtendRequest(feature="depot", rename={"mood.fine": "great"}))
    clashes = [problem for problem in caught.value.problems if problem.code == "EDT003"]
    assert len(clashes) == 2, caught.value.problems  # one in the class of each
