"""Free text in a spec: descriptions, enum labels, patterns, defaults.

It stays data wherever it goes (generated code holds it as literals), but some text has no business in a spec at all.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

from mcp_server.features.patterns import PATTERN_LENGTH
from mcp_server.features.problems import problem
from mcp_server.features.spec import LABEL_LENGTH, TEXT_LENGTH, FeatureSpec
from mcp_server.workspace.errors import Problem

DESCRIPTION_LENGTH: Final = 500
_CATEGORIES: Final = {"Cc": "a control character", "Cs": "half a surrogate pair", "Zl": "a line separator",
                      "Zp": "a paragraph separator"}  # fmt: skip
# Text that is not shown in the order in which it is read (the "trojan source" trick, CVE-2021-42574).
_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TEMPLATE_MARKS: Final = ("{{", "{%", "{#")
_QUOTES: Final = ("'", '"')


def check_texts(spec: FeatureSpec) -> Iterator[Problem]:
    for place, text, longest in _texts(spec):
        yield from _storable(place, text)
        yield from _harmless(place, text)
        if len(text) > longest:
            reason = f"the text has {len(text)} characters, and {longest} are the limit"
            yield problem("SPEC021", place, reason, "Shorten it.")


def _texts(spec: FeatureSpec) -> Iterator[tuple[str, str, int]]:
    """Place, text and longest length of every free text."""
    yield "description", spec.description, DESCRIPTION_LENGTH
    for number, field in enumerate(spec.fields):
        place = f"fields[{number}]"
        yield f"{place}.description", field.description, DESCRIPTION_LENGTH
        if field.pattern is not None:
            yield f"{place}.pattern", field.pattern, PATTERN_LENGTH
        if isinstance(field.default, str) and field.type.name in ("string", "text", "enum"):
            yield f"{place}.default", field.default, TEXT_LENGTH
        for position, label in enumerate((field.type.item or field.type).values):
            yield f"{place}.type.values[{position}]", label, LABEL_LENGTH
    for enum in spec.enums:
        for position, label in enumerate(enum.values):
            yield f"enums[{position}]", label, LABEL_LENGTH


def _storable(place: str, text: str) -> Iterator[Problem]:
    """NUL, control characters and half surrogate pairs: databases, JSON or terminals choke on them."""
    for position, character in enumerate(text):
        what = _CATEGORIES.get(unicodedata.category(character))
        what = "a character that changes the direction of text" if character in _BIDI else what
        if what is not None:
            reason = f"character {position + 1} ({character!a}) is {what}"
            yield problem("SPEC020", place, reason, "Write the text on one line, without it.")
            return


def _harmless(place: str, text: str) -> Iterator[Problem]:
    """Marks of templates and quotes are refused, although generated code would hold them as data: other tools that
    read it (docs sites, shells, template engines) may not be as careful."""
    for mark in _TEMPLATE_MARKS:
        if mark in text:
            yield problem("SPEC022", place, f"the text holds the template mark {mark}", "Leave it out.")
    for mark in _QUOTES:
        if mark in text:
            hint = "In a pattern write \\x22 or \\x27; in prose do without it."
            yield problem("SPEC022", place, f"the text holds the quote character {mark}", hint)
