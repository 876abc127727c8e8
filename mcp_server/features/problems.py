"""The codes of everything that can be wrong with a spec. A code keeps its meaning for ever."""

from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches
from typing import Final

from mcp_server.workspace.errors import Problem

CODES: Final = {
    # The shape of the document
    "SPEC001": "a value has the wrong shape (a list where text is needed, text that is not YAML)",
    "SPEC002": "an unknown or repeated key",
    "SPEC003": "something that every spec needs is missing",
    "SPEC004": "a field string that cannot be read",
    "SPEC005": "an unknown type",
    "SPEC006": "arguments that the type does not take, or arguments it needs and did not get",
    "SPEC007": "an unknown or repeated modifier",
    "SPEC008": "too large: document, number of fields, number of entries",
    # Names
    "SPEC010": "not a name: lower-case ASCII snake_case of limited length",
    "SPEC011": "a name that Python, Pydantic or the kit reserves",
    "SPEC012": "two fields with one name",
    "SPEC013": "a name that every table already has",
    "SPEC014": "names that differ in writing and fold onto each other in code, tables or JSON",
    "SPEC015": "the feature, its plural, table, class or constraint exists already",
    "SPEC016": "singular and plural cannot be told apart",
    # Text
    "SPEC020": "a control character or half a surrogate pair in text",
    "SPEC021": "text that is too long",
    "SPEC022": "text that would become code or a template",
    # Types
    "SPEC030": "an enum without values",
    "SPEC031": "an enum value that is empty, repeated or padded",
    "SPEC032": "reversed bounds: nothing fits between them",
    "SPEC033": "precision or scale of a decimal out of range",
    "SPEC034": "a modifier that does not fit the type",
    "SPEC035": "a pattern that is not a usable regular expression",
    "SPEC036": "a bound that the type cannot hold",
    # Defaults
    "SPEC040": "a default that is not a value of its type",
    "SPEC041": "a default outside the field's own bounds",
    # References
    "SPEC050": "a reference to a feature that is unknown, or that lacks what is imported from it",
    "SPEC051": "a delete rule or a self reference that cannot work on a required field",
    "SPEC052": "an owner other than user",
    "SPEC053": "required references in a circle: no row could be the first",
    "SPEC054": "a shared enum that nobody declares",
    # What the API does with fields
    "SPEC060": "a name that is not a field of this feature",
    "SPEC061": "the same entry twice",
    "SPEC062": "search over a field that is not text",
    "SPEC063": "a filter over a type that cannot be filtered",
    "SPEC064": "sorting by a type that cannot be sorted",
    "SPEC065": "a constraint or index over nothing",
    "SPEC066": "a constraint or index over a type that databases cannot index, or too wide for them",
    "SPEC067": "two constraints or indexes that would get one name, or say the same thing",
    "SPEC068": "two query parameters with one name",
    "SPEC069": "an unknown operation, access level or way of paging",
    "SPEC070": "access that cannot work: for an operation that is not there, or anonymous writing of owned rows",
    "SPEC071": "a unique rule that leaves room for only a few rows",
    "SPEC073": "a sort key that does not fit into a cursor",
    "SPEC074": "a secret or readonly field where its value would have to be known, or set",
    "SPEC075": "a password that answers would show",
    # Nested routes
    "SPEC072": "two routes with one path, or with one name in the API document",
}


_SHOWN: Final = 60
"""Characters of a value from the caller."""


def problem(code: str, place: str, reason: str, hint: str) -> Problem:
    """A problem with a known code; a KeyError is a mistake in the kit, not in the caller's spec.

    Names from the caller may be part of every text, so all of them are made printable and short here.
    """
    CODES[code]
    return Problem(code, _printable(place, 100), _printable(reason, 300), _printable(hint, 300))


def _printable(text: str, limit: int) -> str:
    safe = text if text.isprintable() else "".join(_escaped(character) for character in text)
    return safe if len(safe) <= limit else f"{safe[: limit - 3]}..."


def _escaped(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str | None = None) -> str:
    """`Did you mean 'x'?`, or else the list of what is known (or `otherwise`)."""
    names = list(known)
    close = get_close_matches(word[:100].lower(), names, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{close[0]}'?"
    if otherwise is not None:
        return otherwise
    return "Use one of: " + ", ".join(names) + "." if names else "There is none yet."


def shown(value: object) -> str:
    """A value from the caller, safe and short enough for a message: control characters escaped, long text cut."""
    if isinstance(value, str):
        text = repr(value) if value.isprintable() else ascii(value)
    elif isinstance(value, bool | float | Decimal) or value is None:
        text = str(value)
    elif isinstance(value, int):
        text = str(value) if abs(value) < 10**50 else "a very long number"
    else:
        text = f"a {type(value).__name__}"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
