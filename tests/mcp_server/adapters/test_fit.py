"""Answers stay inside their limit and say what was left out."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mcp_server.adapters.mcp.fit import MAX_CHARACTERS, as_text, fit


def test_a_short_answer_is_left_alone() -> None:
    facts = {"root": "/w", "files": {"a.py": 3}}
    assert fit(facts) is facts


def test_the_longest_part_loses_its_end() -> None:
    facts: dict[str, Any] = {"diff": "+line\n" * 10_000, "revision": "abc", "files": {"a.py": 1}}
    fitted = fit(facts)
    assert len(as_text(fitted)) <= MAX_CHARACTERS
    assert fitted["shortened"] == ["diff"]
    assert facts["diff"].startswith(fitted["diff"])
    assert (fitted["revision"], fitted["files"]) == ("abc", {"a.py": 1})


def test_a_long_item_of_a_short_list_is_cut_inside() -> None:
    fitted = fit({"revisions": [{"id": "1", "sql": "CREATE " * 5000}]})
    assert fitted["revisions"][0]["id"] == "1"
    assert len(as_text(fitted)) <= MAX_CHARACTERS


def test_long_texts_give_way_before_entries_are_lost() -> None:
    revisions = [{"id": str(number), "sql": "CREATE " * 500} for number in range(8)]
    fitted = fit({"revisions": revisions, "token": "t"})
    assert [revision["id"] for revision in fitted["revisions"]] == [str(number) for number in range(8)]
    assert fitted["token"] == "t"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3000),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=20), inner, max_size=30),
    max_leaves=60,
)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), JSON))
def test_everything_fits(facts: dict[str, object]) -> None:
    fitted = fit(facts, 200)
    assert len(as_text(fitted)) <= 200
    assert fitted.keys() <= facts.keys() | {"shortened"}
