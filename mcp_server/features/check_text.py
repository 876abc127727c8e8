"""Free text in a spec: descriptions, enum labels, patterns, defaults.

It stays data wherever it goes (generated code holds it as literals), but some text has no business in a spec at all.
"""

import ast
import re
import unicodedata
import warnings
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
_TEMPLATE_MARKS: Final = ("{{", "{%", "{#", "${")
_TRIPLE_QUOTES: Final = ("'''", '"""')
_QUOTES: Final = ("'", '"', *_TRIPLE_QUOTES)
_PLACES: Final = ("{}", "f({})", "[{}]", "{{{}}}")
"""Where code may hold a text: alone, as an argument, in a list, in a set."""
_SQL_ENDS: Final = re.compile(r"['\"][\s)\]}]*(?:;|--)")


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
    """Text that would become code or a template is refused, although generated code holds every text as data: other
    tools that read it (docs sites, shells, template engines) may not be as careful."""
    for mark in _TEMPLATE_MARKS:
        if mark in text:
            yield problem("SPEC022", place, f"the text holds the template mark {mark}", "Leave it out.")
    if _breaks_out(text):
        reason = "the text would end the quotes that it is put into, and go on as code"
        hint = (
            "A quote may stand in words (Don't know); leave out the one that code follows, and triple quotes."
        )
        yield problem("SPEC022", place, reason, hint)


def _breaks_out(text: str) -> bool:
    """Whether the text, put between quotes as it is, would be read as more than one constant by Python or SQL.

    What cannot be read at all does no harm, so that prose with apostrophes and inch marks is fine.
    """
    if "'" not in text and '"' not in text:
        return False
    if any(quote in text for quote in _TRIPLE_QUOTES) or _SQL_ENDS.search(text):
        return True
    return any(_is_code(place, f"{quote}{text}{quote}") for quote in _QUOTES for place in _PLACES)


def _is_code(place: str, quoted: str) -> bool:
    """Whether Python reads this in that place, and as anything but one constant from its first to its last character."""
    source = place.format(quoted)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the backslashes of prose are no escapes
            nodes = ast.walk(ast.parse(source))
    except (SyntaxError, ValueError):
        return False
    except (RecursionError, MemoryError):  # too deep for the parser, and no prose
        return True
    constants = (node for node in nodes if isinstance(node, ast.Constant))
    return all(ast.get_source_segment(source, node) != quoted for node in constants)
