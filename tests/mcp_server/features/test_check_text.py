"""Prose may hold any quote; text that would end the quotes around it and go on as code or a template is refused."""

import json
from typing import Any

import pytest

from mcp_server.features.catalog import Catalog
from mcp_server.features.load import read_document
from mcp_server.features.validate import validate

PROSE = [
    "Don't know", '5" pipe', 'the "best" one', "back\\slash", "100 %", ":colon", "naïve", ":name", "%(x)s", '"quoted"', "'quoted'",
    "rock 'n' roll", "it's 5\" by 6\"", '12" x 14"', "5' 6\"", 'say "hi", then \'bye\'.', "don't; won't", "y'all're", 'f("x")',
    "'", '"', "C:\\'", "x = 'y'", "'a' or 'b'", '("yes")', "$var", "{0}", "f'{x}'", "; --", "#",
]  # fmt: skip
CODE = [
    '"); import os; f("', "'); import os; f('", "\" + __import__('os').system('x') + \"", "' + __import__('os').system('x') + '",
    '" % x % "', '", x="', "', '", '"]; x["', '"] + x + ["', '"} | x | {"', "' if x else '", "' f'{1}", "\\\"); import os; f(\"", '5" # x',
    "'; DROP TABLE users; --", "') ; DELETE", "' --", '"--', "'''", '"""', "{{ x }}", "{% x %}", "{# x", "${x}",
]  # fmt: skip
PLACES = {
    "description": {"description": "{}"},
    "fields[0].description": {"fields": [{"name": "a", "type": "string", "description": "{}"}]},
    "fields[0].default": {"fields": [{"name": "a", "type": "string", "default": "{}"}]},
    "fields[0].type.values[0]": {"fields": ["a:enum({})"]},
    "enums[0]": {"fields": ["a:enum(@kind)"], "enums": {"kind": ["{}"]}},
}


def with_text(document: Any, text: str) -> Any:
    match document:
        case str():
            return document.replace("{}", text if document == "{}" else json.dumps(text))
        case list():
            return [with_text(each, text) for each in document]
    return {key: with_text(each, text) for key, each in document.items()}


def refusals(place: str, text: str) -> set[str]:
    document = {"feature": "thing", "fields": ["a:int"], **with_text(PLACES[place], text)}
    spec, problems = read_document(document)
    return {one.code for one in (*problems, *validate(spec, Catalog.of())) if one.place.startswith(place)}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", PROSE)
def test_prose_is_allowed(place: str, text: str) -> None:
    assert refusals(place, text) == set()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", CODE)
def test_what_would_become_code_is_refused(place: str, text: str) -> None:
    assert "SPEC022" in refusals(place, text)


def test_a_pattern_may_hold_quotes() -> None:
    field = {"name": "a", "type": "string", "pattern": """^[^'"]+'s$"""}
    spec, problems = read_document({"feature": "thing", "fields": [field]})
    assert not [*problems, *validate(spec, Catalog.of())]
