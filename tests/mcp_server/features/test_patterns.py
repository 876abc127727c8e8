"""Texts for the patterns of a spec: a pattern may be anything that somebody writes."""

import pytest

from mcp_server.features.patterns import matching_texts


@pytest.mark.parametrize("pattern", ["(((|){999}){999}){999}", "(" * 60 + "|" + ")" * 60 + "{999}"])
def test_repetitions_of_nothing_come_to_an_end(pattern: str) -> None:
    assert matching_texts(pattern, 0, 50) == [""]


def test_long_texts_are_found() -> None:
    found = matching_texts("^[a-z]{9000}$", 0, 10_000)
    assert [len(text) for text in found] == [9000] * 8
