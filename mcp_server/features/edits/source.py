"""A Python source: its text, its syntax tree, and the way from one to the other.

The tree is the standard library's: it is read ten times faster than one that keeps the layout, and a file that this
interpreter cannot read could not run in its workspace either.
"""

import ast
import warnings
from bisect import bisect_right
from functools import cached_property

from mcp_server.workspace.syntax import parse

Placed = ast.stmt | ast.expr | ast.keyword | ast.arg | ast.alias
"""The syntax nodes that know where they stand, of those that matter here."""


class Source:
    """Raises SyntaxError when `text` is not Python. All positions are offsets into `text`."""

    def __init__(self, text: str) -> None:
        self.text = text
        with warnings.catch_warnings(action="ignore"):  # an odd escape in a string is none of our business
            self.tree = parse(text)

    @cached_property
    def _lines(self) -> list[int]:
        text, starts, at = self.text, [0], 0
        if "\r" not in text:
            while (at := text.find("\n", at) + 1) > 0:
                starts.append(at)
            return starts
        for at, character in enumerate(text):
            if character == "\n" or (character == "\r" and text[at + 1 : at + 2] != "\n"):
                starts.append(at + 1)
        return starts

    def start(self, node: Placed) -> int:
        return self._offset(node.lineno, node.col_offset)

    def end(self, node: Placed) -> int:
        return self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def _offset(self, line: int, column: int) -> int:
        start = self._lines[line - 1]
        piece = self.text[start : start + column]
        if piece.isascii():
            return start + column
        return start + len(piece.encode()[:column].decode())  # the parser counts bytes of UTF-8

    def line(self, at: int) -> int:
        """The number of the line, from 1, in which the offset lies."""
        return bisect_right(self._lines, at)

    def line_start(self, at: int) -> int:
        return self._lines[self.line(at) - 1]

    def line_end(self, at: int) -> int:
        """The end of the line in which the offset lies, without its line break."""
        number = self.line(at)
        end = self._lines[number] if number < len(self._lines) else len(self.text)
        return at + len(self.text[at:end].rstrip("\r\n"))

    def indent(self, at: int) -> str:
        """The white space that the line of the offset begins with."""
        line = self.text[self.line_start(at) : self.line_end(at)]
        return line[: len(line) - len(line.lstrip())]

    def skip(self, at: int, end: int) -> int:
        """The first offset from `at` that is neither white space nor comment; `at` must lie between syntax nodes."""
        text = self.text
        while at < end:
            if text[at] == "#":
                at = self.line_end(at)
            elif text[at].isspace() or text[at] == "\\":
                at += 1
            else:
                return at
        return end

    def find(self, character: str, at: int, end: int) -> int:
        """Where a character of the grammar comes first between syntax nodes; `end` if it does not."""
        while (at := self.skip(at, end)) < end and self.text[at] != character:
            at += 1
        return at

    @cached_property
    def strings(self) -> list[tuple[int, int]]:
        """Start and end of every string, in order."""
        found, pending = [], list[ast.AST]([self.tree])
        while pending:
            node = pending.pop()
            if isinstance(node, ast.JoinedStr) or (
                isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
            ):
                # What is inside an f-string has no true place, and is passed over.
                found.append((self.start(node), self.end(node)))
            else:
                pending.extend(ast.iter_child_nodes(node))
        return sorted(found)

    def in_string(self, at: int) -> bool:
        number = bisect_right(self.strings, (at, len(self.text))) - 1
        return number >= 0 and self.strings[number][0] < at < self.strings[number][1]

    def comments(self, start: int, end: int) -> list[str]:
        """The text of every comment between two offsets, in order."""
        found, at = [], start
        while (at := self.text.find("#", at, end)) >= 0:
            if self.in_string(at):
                at += 1
                continue
            stop = min(self.line_end(at), end)
            found.append(self.text[at:stop].rstrip())
            at = stop
        return found
