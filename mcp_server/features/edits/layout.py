"""Putting elements into a sequence and taking them out, in the layout that the sequence has.

Comments on lines of their own are never lost: they stay where they are, whatever goes or comes beside them.
"""

from collections.abc import Sequence

from mcp_server.features.edits.tree import Run, Style


class Statements:
    """Elements on lines of their own. `gaps` are the texts between them, from line break to indentation.

    The first and the last gap are empty, until a comment is left in them.
    """

    def __init__(self, texts: Sequence[str], gaps: Sequence[str], indent: str) -> None:
        self.texts = list(texts)
        self.gaps = ["", *gaps[1:-1], ""][: len(self.texts) + 1]
        self._indent = indent

    def remove(self, at: int) -> None:
        before, after = self.gaps[at : at + 2]
        del self.texts[at]
        if at == len(self.texts):
            joined = (before.rstrip() if "#" in before else "") + after
        elif at == 0:
            joined = before + (after.lstrip() if "#" in after else "")
        else:
            joined = self._joined(before, after)
        self.gaps[at : at + 2] = [joined]

    def insert(self, at: int, text: str, blank_before: int, blank_after: int) -> None:
        """Blank lines after count only at the top: everywhere else what follows keeps the gap that it had."""
        self.texts.insert(at, text)
        if len(self.texts) == 1:
            self.gaps.append("")
        elif at == 0:
            self.gaps[:1] = [self.gaps[0], self._blank(blank_after)]
        elif at == len(self.texts) - 1:
            self.gaps[at:] = [self.gaps[at] + self._blank(blank_before), ""]
        else:
            self.gaps[at:at] = [self._blank(blank_before)]

    def space(self, at: int, blank: int) -> None:
        """Set the number of blank lines before an element, unless a comment is there."""
        if "#" not in self.gaps[at]:
            self.gaps[at] = self._blank(blank)

    def render(self) -> str:
        return "".join(gap + text for gap, text in zip(self.gaps, [*self.texts, ""], strict=True))

    def _blank(self, lines: int) -> str:
        return "\n" * (lines + 1) + self._indent

    def _joined(self, before: str, after: str) -> str:
        if "#" in before:
            return before.rstrip() + after
        if "#" in after:
            return "\n" * max(0, blank_lines(before) - after.partition("#")[0].count("\n") + 1) + after
        return self._blank(max(blank_lines(before), blank_lines(after)))


def blank_lines(gap: str) -> int:
    return max(0, gap.count("\n") - 1)


class Commas:
    """Elements with commas between them. `gaps` are the texts before each element and after the last."""

    def __init__(self, run: Run, texts: Sequence[str]) -> None:
        self.texts = list(texts)
        self.gaps = list(run.gaps)
        self._style: Style = run.style
        self._indent = run.source.indent(run.start)

    def remove(self, at: int) -> None:
        before, after = self.gaps[at], self.gaps[at + 1]
        last = at == len(self.texts) - 1
        del self.texts[at]
        if not self.texts:
            joined = _without_comma(before + after) if "#" in before + after else ""
        elif at == 0:
            joined = _join_lines(before, after) if "#" in after else before
        elif last:
            joined = _join_lines(before, after) if "#" in before else after
        else:
            joined = _join_lines(before, after)
        self.gaps[at : at + 2] = [joined]

    def insert(self, at: int, text: str) -> None:
        """In a line of its own where its neighbour has one."""
        self.texts.insert(at, text)
        if len(self.texts) == 1:
            self.gaps = ["", self.gaps[0]]
        elif at == 0:
            self.gaps[0:1] = self._at_the_top(self.gaps[0])
        elif at == len(self.texts) - 1:
            self.gaps[-1:] = self._at_the_end(self.gaps[at - 1], self.gaps[-1])
        else:
            self.gaps[at : at + 1] = _in_the_middle(self.gaps[at])

    @staticmethod
    def _at_the_top(gap: str) -> tuple[str, str]:
        if "\n" not in gap:
            return gap, ", "
        first, rest = gap[: gap.index("\n")], gap[gap.index("\n") :]
        return first + "\n" + _last_line(gap), "," + rest

    @staticmethod
    def _at_the_end(before: str, after: str) -> tuple[str, str]:
        own_line = "\n" in before and (has_comma(after) or "," in before)
        if not own_line:
            return ", ", after
        head, line_break, rest = after.partition("\n")
        comma = "" if has_comma(head) else ","
        tail = _without_comma(rest) if comma and has_comma(rest) else rest
        return comma + head.rstrip() + "\n" + _last_line(before), (
            "," if has_comma(after) else ""
        ) + line_break + tail

    def render(self) -> str:
        gaps = list(self.gaps)
        if len(self.texts) == 1 and self._style == "tuple" and not has_comma(gaps[1]):
            gaps[1] = "," + gaps[1]
        if len(self.texts) == 1 and self._style == "subscript":
            gaps[1] = _without_comma(gaps[1])
        pairs = zip(gaps, [*self.texts, ""], strict=True)
        return "".join(gap + text for gap, text in pairs)


def _in_the_middle(gap: str) -> tuple[str, str]:
    if "\n" not in gap:
        return ", ", gap
    head = gap[: gap.index("\n")]
    comma = "" if has_comma(head) else ","
    rest = gap[gap.index("\n") :]
    return comma + head + "\n" + _last_line(gap), "," + (_without_comma(rest) if comma else rest)


def _join_lines(before: str, after: str) -> str:
    """The gap that is left where an element has gone from between two, with one comma less."""
    if "\n" in before and "\n" in after:
        return before[: before.rindex("\n")] + after[after.index("\n") :]
    if "\n" in after:
        return before.rstrip() + after[after.index("\n") :]
    return before


def _last_line(gap: str) -> str:
    return gap[gap.rindex("\n") + 1 :]


def has_comma(gap: str) -> bool:
    return _comma(gap) >= 0


def _comma(gap: str) -> int:
    at = 0
    for line in gap.splitlines(keepends=True):
        code = line.partition("#")[0]
        if "," in code:
            return at + code.index(",")
        at += len(line)
    return -1


def _without_comma(gap: str) -> str:
    at = _comma(gap)
    return gap if at < 0 else gap[:at] + gap[at + 1 :]
