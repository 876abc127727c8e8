"""Splits SQL definitions into tokens, so that they can be compared and read without guessing at white space."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

_PATTERN = r"""
    (?P<space> \s+ | --[^\n]* | /\*.*?\*/ )
  | (?P<text> '(?:[^']|'')*' )
  | (?P<quoted> "(?:[^"]|"")*" | `[^`]*` )
  | (?P<word> [^\W\d]\w* )
  | (?P<number> \d+(?:\.\d+)?(?:[eE][+-]?\d+)? )
  | (?P<other> <> | <= | >= | != | == | \|\| | :: | . )
    """
_STANDARD = re.compile(_PATTERN, re.VERBOSE | re.DOTALL)
_ESCAPING = re.compile(_PATTERN.replace("(?:[^']|", r"(?:[^'\\]|\\.|"), re.VERBOSE | re.DOTALL)


def tokens(sql: str, *, escapes: bool = False) -> list[str]:
    """The tokens of `sql`: words in lower case, quoted names bare, text literals as they are.

    `escapes`: a backslash in a text escapes what follows, as MySQL has it.
    """
    found = []
    for match in (_ESCAPING if escapes else _STANDARD).finditer(sql):
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


def literals(sql: str, *, escapes: bool) -> tuple[list[str], list[str]]:
    """The text literals (unquoted) and the numbers that occur in `sql`; `escapes` as for `tokens`."""
    found = tokens(sql, escapes=escapes)
    texts = [one[1:-1].replace("''", "'") for one in found if one.startswith("'")]
    if escapes:
        texts = [re.sub(r"\\(.)", r"\1", one) for one in texts]
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


@lru_cache(maxsize=4096)
def unlisted(create_table: str) -> dict[str, str]:
    """What SQLite tells of columns nowhere but in the statement: collation and expression by column, and the deferral
    of a foreign key by its columns in parentheses (spaced)."""
    found: dict[str, str] = {}
    words = tokens(create_table)
    for piece in _pieces(group(words, words.index("("))[0] if "(" in words else []):
        if "references" in piece:
            ours = group(piece, piece.index("("))[0] if "foreign" in piece[:3] else piece[:1]
            found[f"({' '.join(ours)})"] = _deferral(piece)
        if piece[0] != "constraint":
            found[piece[0]] = f"{_collation(piece[1:])}{_expression(piece[1:])}"
    return found


def _deferral(words: list[str]) -> str:
    place = words.index("deferrable") if "deferrable" in words else 0
    return "" if not place or words[place - 1] == "not" else " " + " ".join(words[place : place + 3])


def _collation(words: list[str]) -> str:
    return f" collate {words[words.index('collate') + 1]}" if "collate" in words[:-1] else ""


def _expression(words: list[str]) -> str:
    place = words.index("as") + 1 if "as" in words else 0
    return f" as {' '.join(group(words, place)[0])}" if place and words[place : place + 1] == ["("] else ""


def _pieces(body: list[str]) -> Iterator[list[str]]:
    """The parts of a list between the commas that stand in no parentheses."""
    depth, piece = 0, list[str]()
    for word in body:
        depth += (word == "(") - (word == ")")
        if word == "," and not depth:
            yield piece
            piece = []
        else:
            piece.append(word)
    if piece:
        yield piece


def _bare(found: list[str]) -> list[str]:
    while found[:1] == ["("] and group(found, 0)[1] == len(found):
        found = found[1:-1]
    return found
