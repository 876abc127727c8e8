"""To which types a field can be changed: what is stored must mean the same, or nothing is written."""

import pytest

from mcp_server.features.conversions import refuse_conversions
from mcp_server.features.load import load_spec
from mcp_server.features.spec import FeatureSpec
from mcp_server.workspace.errors import InvalidInput

TEXTS = ("string(..50)", "text")
WHOLE = ("int", "bigint")
OTHERS = (
    "bool", "date", "datetime", "time", "uuid", "json", "bytes",
    "list(int)", "ref(category)", "ref(shop)", "many(category)", "many(shop)",
)  # fmt: skip
ALIKE: dict[str, set[str]] = {
    **{one: {*TEXTS, *WHOLE, "enum(a,b)"} for one in (*TEXTS, "email", "url")},
    "enum(a,b)": {*TEXTS},
    **{one: {*WHOLE, *TEXTS, "decimal(8,2)", "float"} for one in WHOLE},
    "decimal(8,2)": {*WHOLE, "float"},
    "float": {*WHOLE, "decimal(8,2)"},
    "list(int)": {"list(bigint)"},
    "list(string)": {"list(text)"},
    "list(enum(a,b))": {"list(string)", "list(text)"},
    "list(bigint)": {"list(int)"},
    "ref(category)": {"one(category)"},
    **{one: set() for one in OTHERS[:7]},
}
"""Type to all types that its values can be brought into, itself left out."""
NAMES = sorted({*ALIKE, *OTHERS, *(name for names in ALIKE.values() for name in names)})


def feature(type_: str) -> FeatureSpec:
    return load_spec(
        {"feature": "product", "fields": [f"value:{type_}?" if type_[0] != "m" else f"value:{type_}"]}
    )


def refused(old: str, new: str) -> bool:
    try:
        refuse_conversions(feature(old), feature(new), {})
    except InvalidInput:
        return True
    return False


@pytest.mark.parametrize("old", ALIKE)
def test_a_type_and_those_that_it_can_become(old: str) -> None:
    assert {new for new in NAMES if not refused(old, new)} == {old, *ALIKE[old]}


def test_nothing_becomes_an_address_unread() -> None:
    with pytest.raises(InvalidInput) as caught:
        refuse_conversions(feature("string(..50)"), feature("email"), {})
    (problem,) = caught.value.problems
    assert problem.code == "EXT011"
    assert "string(..50) need not be an address" in problem.reason
    assert not refused("url", "url")


def test_links_and_references_keep_what_they_lead_to() -> None:
    assert refused("ref(category)", "ref(shop)")
    assert refused("many(category)", "many(shop)")
    assert not refused("many(category)", "many(category)")


def test_a_refusal_names_the_field_and_the_way_round() -> None:
    old = load_spec({"feature": "product", "fields": ["day:date", "name:string"]})
    new = load_spec({"feature": "product", "fields": ["seen:text", "name:bool"]})
    with pytest.raises(InvalidInput) as caught:
        refuse_conversions(old, new, {"day": "seen"})
    first, second = caught.value.problems
    assert (first.code, second.code) == ("EXT011", "EXT011")
    assert (first.place, second.place) == ("seen", "name")
    assert first.reason == "what is stored as date has no one meaning as text"
    assert "drop day" in first.hint


def test_another_field_may_take_the_name_of_a_renamed_one() -> None:
    old = load_spec({"feature": "product", "fields": ["day:date"]})
    new = load_spec({"feature": "product", "fields": ["start:date", "day:text?"]})
    refuse_conversions(old, new, {"day": "start"})
