"""Two changes of one text, put together where they are about different lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

Span = tuple[int, int]
"""First and last line, from 1; the last is before the first where lines went."""


class LinesCollide(Exception):
    """Both changes are about the same lines, or lines next to each other: `spans` of the current text."""

    def __init__(self, spans: Sequence[Span]) -> None:
        super().__init__(spans)
        self.spans = spans


@dataclass(frozen=True, slots=True)
class _Hunk:
    """Lines `start` to `stop` (from 0, exclusive) of the base become lines `low` to `high` of `text`."""

    start: int
    stop: int
    low: int
    high: int
    text: Sequence[bytes]

    def meets(self, other: "_Hunk") -> bool:
        return self.start <= other.stop and other.start <= self.stop


def merge_lines(base: bytes, wanted: bytes, current: bytes) -> bytes:
    """`current` with the lines in which `wanted` differs from `base`. Raises LinesCollide where they touch or adjoin."""
    lines = base.splitlines(keepends=True)
    ours, theirs = [*_hunks(lines, wanted)], [*_hunks(lines, current)]
    met = [each for each in theirs if any(each.meets(other) for other in ours)]
    if met:
        raise LinesCollide([(each.low + 1, each.high) for each in met])
    merged, at = list[bytes](), 0
    for each in sorted(ours + theirs, key=lambda hunk: hunk.start):
        merged += [*lines[at : each.start], *each.text[each.low : each.high]]
        at = each.stop
    return b"".join([*merged, *lines[at:]])


def changed_lines(base: bytes, current: bytes) -> list[Span]:
    """Where `current` differs from `base`."""
    return [(each.low + 1, each.high) for each in _hunks(base.splitlines(keepends=True), current)]


def _hunks(lines: Sequence[bytes], text: bytes) -> Iterator[_Hunk]:
    others = text.splitlines(keepends=True)
    for tag, start, stop, low, high in SequenceMatcher(None, lines, others, autojunk=False).get_opcodes():
        if tag != "equal":
            yield _Hunk(start, stop, low, high, others)
