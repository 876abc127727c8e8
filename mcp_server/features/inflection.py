"""English plurals for table names and paths.

A short honest rule set: the regular endings, and the irregular nouns that turn up in data models. Whoever disagrees
gives `plural:` in the spec.
"""

import re
from typing import Final

IRREGULAR: Final = {
    "analysis": "analyses", "appendix": "appendices", "axis": "axes", "basis": "bases", "calf": "calves",
    "child": "children", "crisis": "crises", "criterion": "criteria", "curriculum": "curricula",
    "diagnosis": "diagnoses", "die": "dice", "elf": "elves", "foot": "feet", "goose": "geese", "half": "halves",
    "hypothesis": "hypotheses", "index": "indexes", "knife": "knives", "leaf": "leaves", "life": "lives",
    "loaf": "loaves", "man": "men", "matrix": "matrices", "medium": "media", "memorandum": "memoranda",
    "mouse": "mice", "oasis": "oases", "ox": "oxen", "parenthesis": "parentheses", "person": "people",
    "phenomenon": "phenomena", "quiz": "quizzes", "self": "selves", "shelf": "shelves", "synopsis": "synopses",
    "thesis": "theses", "thief": "thieves", "tooth": "teeth", "vertex": "vertices", "wife": "wives",
    "wolf": "wolves", "woman": "women",
}  # fmt: skip

INVARIANT: Final = frozenset({
    "advice", "aircraft", "baggage", "cattle", "clothing", "data", "deer", "dna", "equipment", "feedback", "fish",
    "furniture", "hardware", "headquarters", "homework", "information", "jewelry", "knowledge",
    "logistics", "luggage", "machinery", "merchandise", "metadata", "money", "moose", "music", "news", "offspring",
    "progress", "rice", "salmon", "series", "sheep", "shrimp", "software", "spacecraft", "species", "staff",
    "statistics", "swine", "traffic", "trout", "water", "weather", "wildlife",
})  # fmt: skip

# Plain -o takes -s in most words of today; these take -es.
_O_ES: Final = frozenset(
    {"buffalo", "cargo", "echo", "embargo", "hero", "potato", "tomato", "torpedo", "veto"}
)
# Words in -s that are singular, beside everything in -ss, -us and -is.
_SINGULAR_S: Final = frozenset({
    "alias", "atlas", "bias", "canvas", "chaos", "gas", "iris", "lens", "pancreas", "sms", "gps", "dns", "cms",
    "pos", "yes", "bonus", "christmas", "texas", "address",
})  # fmt: skip
# The first that fits: what is replaced, and by what.
_ENDINGS: Final = tuple(
    (re.compile(ending + "$"), plural)
    for ending, plural in (
        ("person", "people"),
        ("woman", "women"),
        ("child", "children"),
        ("(?<=[a-z]{2})sis", "ses"),
        ("(?<=[a-z])quy", "quies"),
        ("(?<=[b-df-hj-np-tv-z])y", "ies"),
        ("(?<!z)z", "zzes"),
        ("(epo|monar|stoma|te|patriar|lo)ch", r"\1chs"),  # spoken with a k
        ("(s|x|zz|ch|sh)", r"\1es"),
    )
)


def pluralise(name: str) -> str:
    """Plural of a snake_case name, by its last word. Always different from `name`.

    Words without a plural of their own get `_items`: `news` becomes `news_items`.
    """
    head, separator, word = name.rpartition("_")
    if not word or name in INVARIANT or word in INVARIANT:
        return f"{name}_items"
    return f"{head}{separator}{_plural_word(word)}"


def _plural_word(word: str) -> str:
    if word in IRREGULAR:
        return IRREGULAR[word]
    for ending, plural in _ENDINGS:
        if ending.search(word):
            return ending.sub(plural, word)
    return word + ("es" if word in _O_ES else "s")


def singular_of(name: str) -> str | None:
    """The singular if `name` reads like a plural (`products`), else None. Only sure cases are named."""
    head, separator, word = name.rpartition("_")
    irregular = {plural: singular for singular, plural in IRREGULAR.items()}
    if word in irregular and word not in IRREGULAR:
        return f"{head}{separator}{irregular[word]}"
    if (
        len(word) < 4
        or word in INVARIANT
        or word in _SINGULAR_S
        or word.endswith(("ss", "us", "is", "ics", "ous"))
    ):
        return None
    for ending, replacement in (("ies", "y"), ("es", ""), ("s", "")):
        candidate = word.removesuffix(ending) + replacement
        if ending == "es" and not candidate.endswith(("ss", "us", "x", "ch", "sh", "zz")):
            continue  # `cases` comes from `case`, not from `cas`
        if word.endswith(ending) and len(candidate) > 2 and _plural_word(candidate) == word:
            return f"{head}{separator}{candidate}"
    return None
