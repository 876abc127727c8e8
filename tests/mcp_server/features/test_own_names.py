"""What a feature's parts are called and where they are, from the routes that lead to them."""

import pytest

from mcp_server.features.naming import Names
from mcp_server.features.trace.own_names import own_names, own_places
from mcp_server.inspection.parts import Operation, Part, Parts
from mcp_server.workspace.layout import LAYERED

NAMES = Names.of("machine", "machines")
ROUTES = "app.api.v1.machines"
SCHEMAS = "app.schemas.machine"


def operation(name: str, module: str = SCHEMAS, **classes: str) -> Operation:
    """An operation with classes of one module."""
    parts = (
        Part(classes[key], module) if key in classes else None for key in ("body", "query", "answer", "row")
    )
    return Operation(Part(name, ROUTES), *parts)


def path_of(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


def told(parts: Parts) -> list[tuple[str, str]]:
    return [(gap.code, gap.reason) for gap in own_names("Machine", NAMES, parts, LAYERED, "")[1]]


def test_the_names_of_the_kit_are_not_kept() -> None:
    parts = Parts(
        {
            "create": operation(
                "create_machine", body="MachineCreate", answer="MachineRead", row="MachineRead"
            ),
            "list": operation("all_machines", query="MachineQuery", answer="PageRead[X]", row="MachineRead"),
        }
    )
    assert own_names("Machine", NAMES, parts, LAYERED, "") == ({"list": "all_machines"}, [])
    assert own_places(NAMES, parts, LAYERED, path_of) == {}


def test_a_file_for_all_of_the_schemas_is_a_place() -> None:
    shop = "app.schemas.shop"
    create = operation("create_machine", shop, body="MachineIn", answer="MachineOut", row="MachineOut")
    listed = operation("list_machines", "app.schemas.base", query="ListQuery")
    parts = Parts({"create": create, "list": listed})
    places = own_places(NAMES, parts, LAYERED, path_of)
    assert places == {"schemas": "app/schemas/shop.py"}
    found, gaps = own_names("Machine", NAMES, parts, LAYERED.at(places), "")
    assert found == {"Create": "MachineIn", "Read": "MachineOut"}
    assert [gap.reason for gap in gaps] == [
        "ListQuery is in app.schemas.base; the kit edits app.schemas.shop"
    ]


def test_schemas_in_several_files_are_edited_in_the_usual_one_alone() -> None:
    parts = Parts(
        {
            "create": operation("create_machine", "app.schemas.shop", body="MachineIn"),
            "update": operation("update_machine", body="MachineUpdate"),
        }
    )
    assert own_places(NAMES, parts, LAYERED, path_of) == {}
    assert told(parts) == [("TRC024", "MachineIn is in app.schemas.shop; the kit edits app.schemas.machine")]


def test_what_has_no_class_of_its_own() -> None:
    parts = Parts(
        {
            "create": operation("create_machine", body="MachineIn", row="MachineOut"),
            "replace": operation("replace_machine", body="WholeMachine", row="MachineOut"),
            "update": operation("update_machine", body="MachineIn", row="MachineOut"),
            "list": operation("list_machines", answer="MachineLines", row="MachineLine"),
        }
    )
    assert told(parts) == [
        ("TRC024", "MachineIn is of several uses, for which the kit has several classes"),
        ("TRC024", "routes also take WholeMachine, which the kit does not edit"),
        ("TRC024", "routes also show MachineLine, which the kit does not edit"),
    ]


@pytest.mark.parametrize("said", ["", ": MachineRepository"])
def test_the_service_is_the_one_that_routes_import(said: str) -> None:
    made = "MachineRepository(unit.session)"
    service = f"class Desk:\n    def __init__(self, unit):\n        self.kept{said} = {made}\n"
    imported = [Part("Desk", "app.services.machine"), Part("UUID", "uuid")]
    parts = Parts({}, imported, Part("MachineRepository", "app.repositories.machine"))
    found, _ = own_names("Machine", NAMES, parts, LAYERED, service)
    assert found == {"Service": "Desk", "rows": "kept"}
