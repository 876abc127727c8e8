"""Patterns of text fields: can the service use them, and which texts do they accept?

Pydantic matches with Rust's regex engine, so that decides: no look-around, no back references, linear time.
"""

import re
import re._constants as sre  # type: ignore[import-not-found]  # the parser of `re`, unchanged from 3.11 to 3.13
import re._parser as sre_parser  # type: ignore[import-not-found]
import warnings
from collections.abc import Callable, Iterator
from typing import Any, Final

PATTERN_LENGTH: Final = 200
"""Longest pattern in characters."""
TEXTS: Final = 8
"""How many different texts `matching_texts` looks for."""
_VARIANTS: Final = 240
_STEPS: Final = 200_000
"""Letters and parts that are tried in all: `((|){999}){999}` repeats nothing a million times."""


def matcher(pattern: str) -> Callable[[str], bool]:
    """A test of texts against the pattern, as the service will do it. ValueError if the service cannot use it."""
    from pydantic_core import SchemaError, SchemaValidator, ValidationError, core_schema

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns about sets that it may read otherwise one day
        try:
            re.compile(pattern)  # mypy, editors and the sampler read patterns the Python way
            validator = SchemaValidator(core_schema.str_schema(pattern=pattern))
        except (re.error, SchemaError, OverflowError, RecursionError) as error:
            first = str(error).strip().splitlines()
            raise ValueError(
                ascii(first[-1] if first else "it cannot be compiled")[1:-1][:120].rstrip(".")
            ) from None

    def matches(text: str) -> bool:
        try:
            validator.validate_python(text)
        except ValidationError:
            return False
        return True

    return matches


def matching_texts(pattern: str, shortest: int, longest: int) -> list[str]:
    """Up to eight different texts of `shortest` to `longest` characters that match, sorted; always the same ones.

    ValueError if the pattern cannot be used, or if no text was found.
    """
    matches = matcher(pattern)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = sre_parser.parse(pattern)
    if tree.getwidth()[0] > longest:
        raise ValueError(f"it matches nothing of at most {longest} characters")
    found: set[str] = set()
    steps = iter(range(_STEPS))
    for variant in range(_VARIANTS):
        stretch = variant // TEXTS % 13 if variant < _VARIANTS // 2 else shortest + variant % 3
        text = "".join(letter for letter, _ in zip(_walk(tree, variant, stretch), steps, strict=False))
        if not shortest <= len(text) <= longest and len(text) < shortest:
            text += text[-1:] * (shortest - len(text))  # helps patterns without an end
        if shortest <= len(text) <= longest and text.isprintable() and matches(text):
            found.add(text)
        if len(found) == TEXTS:
            break
    if not found:
        raise ValueError(f"no text of {shortest} to {longest} characters was found that it matches")
    return sorted(found)


def _walk(tree: Any, variant: int, stretch: int) -> Iterator[str]:
    """One text that a parsed pattern may accept, letter by letter, with an empty one before each part.

    `variant` chooses among alternatives, `stretch` repeats.
    """
    yield ""
    for position, (op, argument) in enumerate(tree):
        turn = variant + position
        if op is sre.LITERAL:
            yield chr(argument)
        elif op is sre.NOT_LITERAL or op is sre.ANY:
            yield "a" if argument != ord("a") else "b"
        elif op is sre.IN:
            yield _one_of(argument, turn)
        elif op is sre.BRANCH:
            yield from _walk(argument[1][turn % len(argument[1])], variant, stretch)
        elif op is sre.SUBPATTERN:
            yield from _walk(argument[-1], variant, stretch)
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            low, high, inner = argument
            for count in range(min(max(low, stretch), high)):
                yield from _walk(inner, variant + count, min(stretch, 3))


def _one_of(items: Any, turn: int) -> str:
    choices: list[str] = []
    for op, argument in items:
        if op is sre.LITERAL:
            choices.append(chr(argument))
        elif op is sre.RANGE:
            low, high = argument
            choices += [chr(low + offset) for offset in range(min(high - low + 1, 12))]
        elif op is sre.CATEGORY:
            choices += _CATEGORIES.get(argument, ["a"])
    if items and items[0][0] is sre.NEGATE:
        excluded = set(choices)
        choices = [letter for letter in "abcxyzABC0129 -_" if letter not in excluded]
    return choices[turn % len(choices)] if choices else "a"


_CATEGORIES: Final = {
    sre.CATEGORY_DIGIT: list("0123456789"),
    sre.CATEGORY_WORD: list("abc123"),
    sre.CATEGORY_SPACE: [" "],
    sre.CATEGORY_NOT_DIGIT: list("abc"),
    sre.CATEGORY_NOT_WORD: ["-"],
    sre.CATEGORY_NOT_SPACE: list("abc"),
}
