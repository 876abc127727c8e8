"""A source as a tree of elements: what a splice can put in, take out or change.

An element is a statement, an expression, or a part of one that has a place of its own: an argument, a parameter, an
entry of a dictionary, an imported name. Its parts are single elements and sequences of them, in the order of the text;
what lies between the parts is punctuation, and stays as it is.
"""

import ast
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from mcp_server.features.edits.source import Source

Style = Literal["block", "decorators", "tuple", "subscript", "arguments", "commas"]


@dataclass(eq=False)
class Element:
    """`start` to `end` is everything that belongs to it: parentheses, decorators, the comment at the end of its line.

    `form` is what is neither part nor place, like an operator or the name of an argument. `name`, where there is one,
    identifies the element among its siblings whatever else changes about it.
    """

    source: Source
    kind: str
    start: int
    end: int
    nodes: tuple[ast.AST, ...] = ()
    form: Hashable = None
    name: Hashable = None
    split: Callable[[], "Sequence[Part]"] = field(default=tuple, repr=False)

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        return self.source.line(self.start)

    @cached_property
    def code(self) -> Hashable:
        """Equal for elements that mean the same, however they are laid out."""
        return (self.form, *(ast.dump(node) for node in self.nodes)) if self.nodes else (self.kind, self.text)

    @cached_property
    def parts(self) -> "Sequence[Part]":
        """Nothing where the element can only be taken as a whole."""
        return self.split()

    @cached_property
    def comments(self) -> list[str]:
        return self.source.comments(self.start, self.end)


@dataclass(eq=False)
class Run:
    """A sequence of sibling elements; `start` to `end` is the room between its brackets, or from first to last."""

    source: Source
    style: Style
    start: int
    end: int
    items: Sequence[Element]

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @cached_property
    def gaps(self) -> list[str]:
        """The text before each element and after the last."""
        edges = [self.start, *(edge for item in self.items for edge in (item.start, item.end)), self.end]
        return [self.source.text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]


Part = Element | Run


def same(one: Element, other: Element) -> bool:
    return one.text == other.text or one.code == other.code
