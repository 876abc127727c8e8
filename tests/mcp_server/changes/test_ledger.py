"""The ledger: what is written is what is read, and damage is named."""

import json

import pytest

from mcp_server.changes import journal, ledger
from mcp_server.changes.change_set import ChangeSet
from mcp_server.workspace.errors import InvalidInput
from mcp_server.workspace.workspace import Workspace

PRODUCT = ledger.Entry(
    feature="product",
    spec={"feature": "product", "fields": ["name:string(2..100) index", "größe:int"]},
    files={"app/models/product.py": "ab" * 32, "app/api/v1/products.py": "cd" * 32},
    revisions=("0123456789ab", "ba9876543210"),
    former=("colour",),
)


async def test_round_trip_through_a_change_set(workspace: Workspace) -> None:
    category = ledger.Entry("category", {"feature": "category"}, {}, ("0123456789ab",))
    files: dict[str, bytes | None] = dict([PRODUCT.to_file(), category.to_file()])
    await journal.apply(workspace, ChangeSet.between("ledger", {}, files))

    assert list(ledger.read(workspace)) == ["category", "product"]
    assert ledger.read(workspace) == {"category": category, "product": PRODUCT}


def test_entries_are_read_as_they_are_now(workspace: Workspace) -> None:
    path, content = PRODUCT.to_file()
    (workspace.root / path).parent.mkdir(parents=True)
    (workspace.root / path).write_bytes(content)
    assert ledger.read(workspace)["product"].revisions == PRODUCT.revisions
    (workspace.root / path).write_bytes(content.replace(PRODUCT.revision.encode(), b"f" * 12))
    assert ledger.read(workspace)["product"].revision == "f" * 12


def test_equal_entries_give_equal_bytes_whatever_the_order_of_files() -> None:
    turned = ledger.Entry(
        PRODUCT.feature,
        PRODUCT.spec,
        dict(reversed(list(PRODUCT.files.items()))),
        PRODUCT.revisions,
        PRODUCT.former,
    )
    assert turned.to_file() == PRODUCT.to_file()
    path, content = PRODUCT.to_file()
    assert path == ".kit/ledger/product.json"
    assert content.endswith(b"}\n")
    assert "größe" in content.decode()


def test_a_workspace_without_ledger(workspace: Workspace) -> None:
    assert ledger.read(workspace) == {}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"feature": "other", "spec": {}, "files": {}, "revisions": ["a"]}',
        '{"feature": "bad", "spec": [], "files": {}, "revisions": ["a"]}',
        '{"feature": "bad", "spec": {}, "files": {"a": 1}, "revisions": ["a"]}',
        '{"feature": "bad", "spec": {}, "files": {}, "revisions": 7}',
        '{"feature": "bad", "spec": {}, "files": {}, "revisions": "a"}',
        '{"feature": "bad", "spec": {}, "files": {}, "revisions": [], "names": {"Create": "In; import os"}}',
        '{"feature": "bad", "spec": {}, "files": {}, "revisions": [], "places": {"schemas": 1}}',
        "<<<<<<< ours",
    ],
)
def test_damage_is_named_for_every_file(workspace: Workspace, content: str) -> None:
    directory = workspace.root / ledger.DIRECTORY
    directory.mkdir(parents=True)
    (directory / "bad.json").write_text(content, encoding="utf-8")
    (directory / "worse.json").write_text(json.dumps(7), encoding="utf-8")

    with pytest.raises(InvalidInput) as caught:
        ledger.read(workspace)

    places = [(each.code, each.place) for each in caught.value.problems]
    assert places == [("CHG008", ".kit/ledger/bad.json"), ("CHG008", ".kit/ledger/worse.json")]
