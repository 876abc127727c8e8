"""From a spec and a request to the next spec: what follows, what is refused, and what is done already."""

from itertools import combinations
from typing import Any

import pytest

from mcp_server.features.backfill import fills_of
from mcp_server.features.catalog import Catalog, KnownFeature
from mcp_server.features.evolve import Change, Evolved, evolve
from mcp_server.features.load import load_spec
from mcp_server.features.spec import OPERATIONS, FeatureSpec
from mcp_server.schema.fill import Constant, FirstRow, Now
from mcp_server.workspace.errors import InvalidInput

SPEC = load_spec(
    {
        "feature": "product",
        "owner": "user",
        "fields": [
            "name:string(2..100)",
            "sku:string(..32) unique",
            "price:decimal(12,2) >=0",
            "note:text?",
            "tags:many(tag)",
        ],
        "unique": [["owner", "name"]],
        "indexes": [["price", "-created_at"]],
        "search": ["name", "note"],
        "filters": ["price"],
        "sort": ["name", "price"],
        "access": {"list": "public"},
    }
)

CATALOG = Catalog.of(KnownFeature("category", "categories", "categories", "Category"))


def codes(change: Change, spec: FeatureSpec = SPEC) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        evolve(spec, change)
    return [problem.code for problem in caught.value.problems]


def settled(change: Change) -> Evolved:
    found = evolve(SPEC, change)
    assert found.unread == ()
    return found


def test_a_rename_takes_every_place_that_names_the_field_with_it() -> None:
    spec = settled(Change(rename={"price": "cost", "name": "title"})).spec
    assert [field.name for field in spec.fields] == ["title", "sku", "cost", "note", "tags"]
    assert (spec.filters, spec.sort, spec.search) == (("cost",), ("title", "cost"), ("title", "note"))
    assert (spec.unique, spec.indexes) == ((("owner", "title"),), (("cost", "-created_at"),))


def test_names_change_places_in_calls_that_can_be_made_again() -> None:
    """Asked a second time, one call would have changed them back, with what is stored."""
    assert codes(Change(rename={"name": "note", "note": "name"})) == ["EXT001"] * 2
    assert codes(Change(rename={"name": "note", "note": "sku", "sku": "name"})) == ["EXT001"] * 3
    aside = settled(Change(rename={"name": "x"})).spec
    spec = evolve(aside, Change(rename={"note": "name", "x": "note"})).spec
    assert [field.name for field in spec.fields] == ["note", "sku", "price", "name", "tags"]
    assert spec.search == ("note", "name")


def test_a_dropped_field_leaves_the_lists_and_that_is_told() -> None:
    found = settled(Change(drop=["note"]))
    assert found.spec.search == ("name",)
    assert found.notes == ("note is out of search too",)
    assert found.former == ("note",)


def test_a_dropped_field_of_a_group_needs_a_decision() -> None:
    assert codes(Change(drop=["name"])) == ["EXT004"]
    assert settled(Change(drop=["name"], exclude={"unique": [["owner", "name"]]})).spec.unique == ()


def test_lists_and_settings() -> None:
    spec = settled(
        Change(
            add=["weight:int?"],
            change=["name:string(2..200)"],
            set={"access": {"get": "public"}, "description": "A thing"},
            include={"filters": ["weight", "price"], "indexes": [["weight"]]},
            exclude={"sort": ["price"], "operations": ["replace"]},
        )
    ).spec
    assert (spec.filters, spec.sort, spec.description) == (("price", "weight"), ("name",), "A thing")
    assert "replace" not in spec.operations
    assert dict(spec.access) == {"list": "public", "get": "public"}
    assert spec.fields[0].type.max == 200


def test_links_are_renamed_into_a_name_that_is_free() -> None:
    assert settled(Change(rename={"tags": "labels"})).renamed == {"tags": "labels"}
    two = load_spec({"feature": "product", "fields": ["tags:many(tag)", "labels:many(tag)"]})
    with pytest.raises(InvalidInput, match=r"EXT010 at rename\.tags: the links of labels have that name"):
        evolve(two, Change(rename={"tags": "labels", "labels": "marks"}))


EVERYTHING = Change(
    add=["weight:int?"],
    change=["note:text"],
    rename={"price": "cost"},
    drop=["sku"],
    include={"filters": ["weight"]},
    exclude={"sort": ["name"]},
    set={"soft_delete": True},
)


def test_the_same_request_again_changes_nothing() -> None:
    once = settled(EVERYTHING)
    again = evolve(once.spec, EVERYTHING, once.former)
    assert again == Evolved(once.spec, {}, {}, once.former, (), ())


@pytest.mark.parametrize(("there", "asked"), [("product", "self"), ("self", "product")])
@pytest.mark.parametrize("type_", ["ref({})?", "one({})?", "many({})"])
def test_a_feature_by_its_own_name_is_self(type_: str, there: str, asked: str) -> None:
    spec = load_spec({"feature": "product", "fields": [f"partner:{type_.format(there)}"]})
    assert evolve(spec, Change(add=[f"partner:{type_.format(asked)}"])).spec == spec
    assert codes(Change(add=[f"partner:{type_.format('category')}"]), spec) == ["EXT001"]


REFUSED: dict[str, tuple[Change, list[str]]] = {
    "name taken by an added field": (Change(add=["sku:int"]), ["EXT001"]),
    "name taken by a renamed field": (Change(rename={"price": "sku"}), ["EXT001"]),
    "two fields into one name": (Change(rename={"price": "x", "sku": "x"}), ["EXT001"]),
    "no field to change": (Change(change=["prise:int"]), ["EXT002"]),
    "no field to rename": (Change(rename={"prise": "cost"}), ["EXT002"]),
    "no field to drop": (Change(drop=["prise"]), ["EXT002"]),
    "two changes of one field": (Change(change=["sku:int", "sku:string"]), ["EXT001"]),
    "a label of a dropped field": (Change(drop=["sku"], rename={"sku.a": "b"}), ["EXT002"]),
    "no such setting": (Change(set={"colour": "red"}), ["EXT003"]),
    "no group": (Change(exclude={"unique": [None], "indexes": [5]}), ["EXT002", "EXT002"]),
    "not a list": (Change(include={"pagination": ["cursor"]}), ["EXT003"]),
    "another feature": (Change(set={"feature": "item"}), ["EXT006"]),
    "another plural": (Change(set={"plural": "wares"}), ["EXT006"]),
    "links to other rows": (Change(rename={"tags": "labels"}, change=["labels:many(user)"]), ["EXT010"]),
    "links into a column": (Change(rename={"tags": "labels"}, change=["labels:int?"]), ["EXT010"]),
    "all at once": (Change(add=["sku:int"], drop=["prise"], set={"colour": 1}), ["EXT002", "EXT001", "EXT003"]),
    "spec and parts": (Change(spec=SPEC.to_document(), drop=["sku"]), ["ARG004"]),
    "spec of another": (Change(spec={"feature": "item", "fields": ["a:int"]}), ["EXT006"]),
    "rename beside a spec": (Change(spec=SPEC.to_document(), rename={"price": "cost"}), ["EXT002"]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_asked(name: str) -> None:
    change, expected = REFUSED[name]
    assert codes(change) == expected


ASKED: dict[str, Any] = {
    "add": {"add": ["note:text?"]},
    "change": {"change": ["note:string(..9)?"]},
    "drop": {"drop": ["note"]},
    "rename": {"rename": {"note": "memo"}},
    "rename into": {"rename": {"sku": "note"}},
}
"""One field, `note`, in every kind of request."""
CONTRADICTIONS = {
    ("add", "change"): {"EXT001"},
    ("add", "drop"): {"EXT002"},
    ("add", "rename into"): {"EXT001"},
    ("change", "drop"): {"EXT002"},
    ("change", "rename"): {"EXT002"},
    ("change", "rename into"): {"EXT001"},
    ("drop", "rename"): {"EXT002"},
    ("drop", "rename into"): {"EXT002"},
}
AGREE = {("add", "rename"), ("rename", "rename into")}
"""The name that becomes free is taken."""


@pytest.mark.parametrize("kinds", [*combinations(ASKED, 2)], ids="-".join)
def test_one_field_in_two_kinds_of_request(kinds: tuple[str, str]) -> None:
    both: dict[str, Any] = {}
    for key, value in (item for kind in kinds for item in ASKED[kind].items()):
        both[key] = {**both.get(key, {}), **value} if isinstance(value, dict) else value
    if kinds in AGREE:
        assert "note" in {field.name for field in settled(Change(**both)).spec.fields}
        return
    with pytest.raises(InvalidInput, match="note") as caught:
        evolve(SPEC, Change(**both))
    assert {problem.code for problem in caught.value.problems} == CONTRADICTIONS[kinds]


@pytest.mark.parametrize(
    ("key", "entry"),
    [
        ("filters", "zzz"),
        ("search", "zzz"),
        ("sort", "zzz"),
        ("operations", "zzz"),
        ("unique", ["owner", "zzz"]),
    ],
)
def test_an_unknown_name_cannot_be_taken_out_of_a_list(key: str, entry: Any) -> None:
    with pytest.raises(InvalidInput, match=f"EXT002 at exclude.{key}: .*zzz"):
        evolve(SPEC, Change(exclude={key: [entry]}))


def test_what_is_out_of_a_list_already_is_no_mistake() -> None:
    once: dict[str, Any] = {
        "filters": ["sku", "gone"],
        "sort": ["created_at"],
        "indexes": [["owner", "-updated_at"]],
    }
    assert evolve(SPEC, Change(exclude=once), ["gone"]).spec == SPEC


@pytest.mark.parametrize("part", ["include", "exclude"])
@pytest.mark.parametrize("value", ["price", 5, {"price": 1}])
def test_entries_beside_a_setting_that_is_no_list(part: str, value: Any) -> None:
    beside: dict[str, Any] = {part: {"filters": ["name"]}}
    found = evolve(SPEC, Change(set={"filters": value}, **beside))
    assert [(problem.code, problem.place) for problem in found.unread] == [("SPEC001", "filters")]


def test_entries_beside_a_setting_that_is_the_usual_one_again() -> None:
    usual = {"operations": None, "filters": None}
    spec = settled(Change(set=usual, include={"filters": ["name"]}, exclude={"operations": ["delete"]})).spec
    assert spec.filters == ("name",)
    assert spec.operations == tuple(name for name in OPERATIONS if name != "delete")


def test_what_cannot_be_read_is_told_like_in_a_spec() -> None:
    found = evolve(SPEC, Change(add=["weight:nonsense", "x"]))
    assert {problem.code for problem in found.unread} <= {"SPEC004", "SPEC005"}
    assert len(found.unread) == 2


def test_a_whole_spec_with_a_rename() -> None:
    document = SPEC.to_document() | {
        "fields": ["name:string", "cost:decimal(12,2)"],
        "search": [],
        "unique": [],
    }
    document |= {"indexes": [], "filters": [], "sort": []}
    found = evolve(SPEC, Change(spec=document, rename={"price": "cost"}))
    assert dict(found.renamed) == {"price": "cost"}
    assert found.former == ("note", "price", "sku", "tags")


FILLS: dict[str, tuple[str, dict[str, Any], Any]] = {
    "default": ("rank:int=3", {}, Constant(3)),
    "given": ("rank:int", {"rank": "7"}, Constant(7)),
    "given enum": ("kind:enum(a,b)", {"kind": "b"}, Constant("b")),
    "now": ("seen:datetime=now", {}, Now()),
    "the first row of another feature": (
        "category:ref(category)",
        {"category": "first"},
        FirstRow("categories", "id"),
    ),
    "given before the default": ("rank:int=3", {"rank": 5}, Constant(5)),
    "an object": ("extra:json={}", {}, Constant({})),
    "a list": ("sizes:list(int)=[]", {}, Constant([])),
    "a given list": ("sizes:list(int)", {"sizes": []}, Constant([])),
}


@pytest.mark.parametrize("name", FILLS)
def test_what_existing_rows_get(name: str) -> None:
    text, given, expected = FILLS[name]
    new = settled(Change(add=[text])).spec
    assert list(fills_of(SPEC, new, {}, given, CATALOG).values()) == [expected]


def test_rows_get_an_empty_list_on_the_way_back_too() -> None:
    old = load_spec({"feature": "product", "fields": ["name:string", "sizes:list(int)"]})
    for change in (Change(drop=["sizes"]), Change(change=["sizes:list(int)?"])):
        assert fills_of(old, evolve(old, change).spec, {}, {}, CATALOG) == {"sizes": Constant([])}


UNFILLED: dict[str, tuple[Change, dict[str, Any], list[str]]] = {
    "required": (Change(add=["rank:int"]), {}, ["EXT005"]),
    "unique": (Change(add=["rank:int=1 unique"]), {}, ["EXT005"]),
    "another feature": (Change(add=["category:ref(category)"]), {}, ["EXT005"]),
    "any row of another feature": (Change(add=["category:ref(category)"]), {"category": 7}, ["EXT005"]),
    "one row of another feature for each": (
        Change(add=["category:one(category)"]),
        {"category": "first"},
        ["SPEC040", "EXT005"],
    ),
    "reference": (Change(add=["parent:ref(self)"]), {}, ["EXT005"]),
    "no longer nullable": (Change(change=["note:text"]), {}, ["EXT005"]),
    "renamed and no longer nullable": (Change(rename={"note": "x"}, change=["x:text"]), {}, ["EXT005"]),
    "not a value": (Change(add=["rank:int"]), {"rank": "many"}, ["SPEC040", "EXT005"]),
    "outside the bounds": (Change(add=["rank:int >=5"]), {"rank": 1}, ["SPEC041"]),
    "not needed": (Change(add=["rank:int?"]), {"rank": 1}, ["EXT007"]),
}


@pytest.mark.parametrize(
    ("field", "helps"), [("rank:int", True), ("rank:int unique", False), ("rank:one(category)", False)]
)
def test_one_value_for_all_rows_is_proposed_where_it_helps(field: str, helps: bool) -> None:
    with pytest.raises(InvalidInput) as caught:
        fills_of(SPEC, settled(Change(add=[field])).spec, {}, {}, CATALOG)
    hints = [problem.hint for problem in caught.value.problems]
    assert all("rank:...?" in hint and ("--fill rank=value" in hint) is helps for hint in hints)


def test_rows_without_an_owner_are_asked_for_one() -> None:
    shared = load_spec({"feature": "product", "fields": ["name:string"]})
    owned = evolve(shared, Change(set={"owner": "user"})).spec
    with pytest.raises(InvalidInput) as caught:
        fills_of(shared, owned, {}, {}, CATALOG)
    assert [(problem.code, problem.place) for problem in caught.value.problems] == [("EXT005", "owner")]
    assert fills_of(shared, owned, {}, {"owner": "first"}, CATALOG) == {"owner_id": FirstRow("users", "id")}


@pytest.mark.parametrize("name", UNFILLED)
def test_a_value_for_existing_rows_is_asked_for_and_never_guessed(name: str) -> None:
    change, given, expected = UNFILLED[name]
    found = settled(change)
    with pytest.raises(InvalidInput) as caught:
        fills_of(SPEC, found.spec, found.renamed, given, CATALOG)
    assert [problem.code for problem in caught.value.problems] == expected
