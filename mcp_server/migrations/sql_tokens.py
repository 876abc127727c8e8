"""Splits SQL definitions into tokens, so that they can be compared and read without guessing at white space."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

_TOKEN = re.compile(
    r"""
    (?P<space> \s+ | --[^\n]* | /\*.*?\*/ )
  | (?P<text> '(?:[^']|'')*' )
  | (?P<quoted> "(?:[^"]|"")*" | `[^`]*` )
  | (?P<word> [^\W\d]\w* )
  | (?P<number> \d+(?:\.\d+)?(?:[eE][+-]?\d+)? )
  | (?P<other> <> | <= | >= | != | == | \|\| | :: | . )
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens(sql: str) -> list[str]:
    """The tokens of `sql`: words in lower case, quoted names bare, text literals as they are."""
    found = []
    for match in _TOKEN.finditer(sql):
        text = match.group()
        match match.lastgroup:
            case "space":
                continue
            case "quoted":
                found.append(text[1:-1].replace('""', '"') if text[0] == '"' else text[1:-1])
            case "word":
                found.append(text.lower())
            case _:
                found.append(text)
    return found


@lru_cache(maxsize=4096)
def normal(sql: str) -> str:
    """One spelling for all ways to write the same tokens, without parentheses around the whole."""
    return " ".join(_bare(tokens(sql)))


def literals(sql: str) -> tuple[list[str], list[str]]:
    """The text literals (unquoted) and the numbers that occur in `sql`."""
    found = tokens(sql)
    texts = [one[1:-1].replace("''", "'") for one in found if one.startswith("'")]
    return texts, [one for one in found if one[0].isdigit()]


def group(found: Sequence[str], start: int) -> tuple[list[str], int]:
    """The tokens inside the parentheses that open at `start`, and the position after them."""
    depth = 0
    for position in range(start, len(found)):
        depth += (found[position] == "(") - (found[position] == ")")
        if depth == 0:
            return list(found[start + 1 : position]), position + 1
    return list(found[start + 1 :]), len(found)


@lru_cache(maxsize=4096)  # while revisions run one by one, most tables stay as they were
def constraints(create_table: str) -> tuple[tuple[str, str, str], ...]:
    """Name (empty if none), kind and the tokens in parentheses (spaced) of each constraint of a CREATE TABLE statement.

    Kinds are `check`, `unique`, `primary key`, `foreign key` and `autoincrement`; constraints written at a column have no columns.
    """
    return tuple(_constraints(tokens(create_table)))


def _constraints(found: list[str]) -> Iterator[tuple[str, str, str]]:
    for position, word in enumerate(found):
        name = found[position - 1] if position >= 2 and found[position - 2] == "constraint" else ""
        after = position + 1
        kind = word
        if word in {"primary", "foreign"} and found[after : after + 1] == ["key"]:
            kind, after = f"{word} key", after + 1
        elif word == "autoincrement":
            yield "", word, ""
            continue
        elif word not in {"check", "unique"}:
            continue
        opened = found[after : after + 1] == ["("]
        if kind in {"check", "foreign key"} and not opened:
            continue
        yield name, kind, " ".join(group(found, after)[0]) if opened else ""


def _bare(found: list[str]) -> list[str]:
    while found[:1] == ["("] and group(found, 0)[1] == len(found):
        found = found[1:-1]
    return found
