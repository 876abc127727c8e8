"""English plurals for table names and paths: `inflect` knows them. Whoever disagrees gives `plural:` in the spec."""

import sys
from functools import cache, lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from inflect import engine

# Words of data models that the library gives another plural than their users do; patterns as `defnoun` has them.
_CORRECTED: Final = {
    "appendix": "appendices", "curriculum": "curricula", "matrix": "matrices", "medium": "media",
    "memorandum": "memoranda", "mine": "mines", "thief": "thieves", "vertex": "vertices", "(.*)child": "$1children",
    "(.*(?:epo|monar|patriar|lo))ch": "$1chs", "(.*)tz": "$1tzes", "(ger|ro)man": "$1mans",
}  # fmt: skip
# Words without a plural, beside those that the library leaves as they are.
_UNCOUNTED: Final = frozenset({
    "advice", "cattle", "clothing", "cms", "data", "dna", "dns", "feedback", "gps", "hardware",
    "homework", "knowledge", "logistics", "merchandise", "metadata", "money", "music", "progress", "rice", "shrimp", "sms",
    "software", "staff", "statistics", "swine", "traffic", "water", "weather", "wildlife",
})  # fmt: skip
# Words in -s that are singular, beside everything in -ss, -us and -is.
_SINGULAR_S: Final = frozenset({
    "alias", "atlas", "bias", "canvas", "chaos", "gas", "lens", "pancreas", "pos", "yes", "christmas", "texas",
})  # fmt: skip


@lru_cache(maxsize=4096)
def pluralise(name: str) -> str:
    """Plural of a snake_case name, by its last word. Always different from `name`.

    Words without a plural of their own get `_items`: `news` becomes `news_items`.
    """
    head, separator, word = name.rpartition("_")
    plural = _plural_word(word)
    return f"{name}_items" if plural == word else f"{head}{separator}{plural}"


def _plural_word(word: str) -> str:
    if word in _UNCOUNTED or not word:
        return word
    if not word.isalpha():
        return f"{word}s"
    plural: str = _engine().plural_noun(word)
    # A pronoun to the library (`it`: `they`) is an abbreviation in a data model.
    return plural if plural[0] == word[0] else f"{word}s"


@lru_cache(maxsize=4096)
def singular_of(name: str) -> str | None:
    """The singular if `name` reads like a plural (`products`), else None. Only sure cases are named."""
    head, separator, word = name.rpartition("_")
    uncertain = word in _UNCOUNTED or word in _SINGULAR_S or word.endswith(("ss", "us", "is", "ics", "ous"))
    if len(word) < 4 or uncertain or not word.isalpha():
        return None
    singular = _engine().singular_noun(word)
    if not isinstance(singular, str) or singular == word or _plural_word(singular) != word:
        return None
    return f"{head}{separator}{singular}"


def with_article(noun: str) -> str:
    """`an enum`, `a uuid`."""
    return f"{'an' if noun[:1] in 'aeio' else 'a'} {noun}"


@cache
def _engine() -> "engine":
    """The library, imported when the first plural is asked for.

    It has typeguard check every call of its own, for which typeguard reads the whole library once per function: that
    takes seconds, and we know what we pass.
    """
    stand_in = ModuleType("typeguard")
    vars(stand_in)["typechecked"] = lambda function: function
    real = sys.modules.get("typeguard")
    sys.modules["typeguard"] = stand_in
    try:
        import inflect
    finally:
        if real is None:
            del sys.modules["typeguard"]
        else:
            sys.modules["typeguard"] = real
    found = inflect.engine()
    for singular, plural in _CORRECTED.items():
        found.defnoun(singular, plural)
    return found
