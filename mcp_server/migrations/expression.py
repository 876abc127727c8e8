"""Prints nested Python calls and lists the way `ruff format` does, so that written files are stable at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union

INDENT = "    "

Expression = Union[str, "Group", "Chain"]
"""Ready text, or something that may need several lines: a call or list, or a chain of calls."""


@dataclass(frozen=True, slots=True)
class Group:
    """`prefix` + `opening` + items + `closing`. `spread` puts each item on a line of its own even where one would do."""

    prefix: str
    items: tuple[Expression, ...]
    opening: str = "("
    closing: str = ")"
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """`root` and two or more calls on what the one before returned, as in `one.two().three()`."""

    root: str
    links: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """An expression with the text around it, and the statements of its block: `with`, a call, `as batch:`."""

    expression: Expression
    before: str = ""
    after: str = ""
    body: "tuple[Statement, ...]" = ()

    def lines(self, depth: int, width: int) -> list[str]:
        inner = [line for one in self.body for line in one.lines(depth + 1, width)]
        return [*lines(self.expression, depth, width, self.before, self.after), *inner]


def call(name: str, *items: Expression, spread: bool = False) -> Group:
    return Group(name, items, spread=spread)


def listing(items: Sequence[str]) -> Group:
    return Group("", tuple(items), "[", "]")


def string(value: str) -> str:
    """A string literal with the quotes the formatter prefers: double, unless single ones need fewer escapes.

    Characters beyond Latin-1 letters are escaped: they may look like others, and their width is not one column.
    """
    quote = "'" if value.count('"') > value.count("'") else '"'
    return quote + "".join(f"\\{quote}" if char == quote else _escape(char) for char in value) + quote


def _escape(char: str) -> str:
    if char in "'\"" or (char.isalpha() and ord(char) < 256):
        return char
    return ascii(char)[1:-1]


def lines(expression: Expression, depth: int, width: int, before: str = "", after: str = "") -> list[str]:
    """The expression as lines of at most `width` columns where possible, `depth` levels deep.

    `before` and `after` are the text around it on its first and last line.
    """
    margin = INDENT * depth
    flat = f"{margin}{before}{_flat(expression)}{after}"
    if isinstance(expression, str) or (len(flat) <= width and not _spreads(expression)):
        return [flat]
    if isinstance(expression, Chain):
        found = [f"{margin}{before}{expression.root}"]
        for link in expression.links:
            found += lines(link, depth, width, after=after if link is expression.links[-1] else "")
        return found
    opened = f"{margin}{before}{expression.prefix}{expression.opening}"
    closed = f"{margin}{expression.closing}{after}"
    body = margin + INDENT + ", ".join(map(_flat, expression.items))
    if len(body) <= width and not _spreads(expression) and expression.opening == "(":
        return [opened, body, closed]
    # The formatter wants no comma after the only argument of a call.
    comma = "" if len(expression.items) == 1 and expression.opening == "(" and not expression.spread else ","
    inner = (line for item in expression.items for line in lines(item, depth + 1, width, after=comma))
    return [opened, *inner, closed]


def _spreads(expression: Expression) -> bool:
    return isinstance(expression, Group) and (expression.spread or any(map(_spreads, expression.items)))


def _flat(expression: Expression) -> str:
    if isinstance(expression, str):
        return expression
    if isinstance(expression, Chain):
        return "".join(map(_flat, (expression.root, *expression.links)))
    items = ", ".join(map(_flat, expression.items))
    return f"{expression.prefix}{expression.opening}{items}{expression.closing}"
