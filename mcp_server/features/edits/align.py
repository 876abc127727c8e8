"""Which element of one sequence is which of another."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from mcp_server.features.edits.tree import Element, Run, same

Pairs = dict[int, int]
"""Positions in one sequence to positions in the other."""


def by_identity(ones: Sequence[Element], others: Sequence[Element]) -> Pairs:
    """Pairs of elements that are the same, or have the same name: first in order, then wherever they are."""
    found: Pairs = {}
    texts = SequenceMatcher(None, [one.text for one in ones], [one.text for one in others], autojunk=False)
    for start, low, size in texts.get_matching_blocks():
        found.update(zip(range(start, start + size), range(low, low + size), strict=True))
    names = Counter(one.name for one in ones)
    _pair_rest(found, ones, others, lambda one: one.code if one.name is None or names[one.name] > 1 else None)
    _pair_rest(found, ones, others, lambda one: one.name)
    return found


def _pair_rest(
    found: Pairs, ones: Sequence[Element], others: Sequence[Element], key: Callable[[Element], Hashable]
) -> None:
    left = [number for number in range(len(ones)) if number not in found]
    if not left:
        return
    taken, waiting = set(found.values()), defaultdict[Hashable, list[int]](list)
    for number, other in enumerate(others):
        if number not in taken:
            waiting[key(other)].append(number)
    for number in left:
        identity = key(ones[number])
        if identity is not None and waiting[identity]:
            found[number] = waiting[identity].pop(0)


def in_gaps(
    found: Pairs,
    ones: Sequence[Element],
    others: Sequence[Element],
    alike: Callable[[Element, Element], bool],
    taken: Iterable[int] = (),
) -> Pairs:
    """Further pairs of what is `alike` and stands between the same neighbours; `taken` others are left out."""
    more: Pairs = {}
    used = {*found.values(), *taken}
    anchors = [(-1, -1), *ordered(found), (len(ones), len(others))]
    for (start, low), (stop, high) in pairwise(anchors):
        free = [number for number in range(low + 1, high) if number not in used]
        for number in range(start + 1, stop):
            partner = next(
                (each for each in free if number not in found and alike(ones[number], others[each])), None
            )
            if partner is not None:
                more[number] = partner
                free = [each for each in free if each > partner]
    return more


def ordered(found: Pairs) -> list[tuple[int, int]]:
    """The longest choice of pairs in which neither side goes back."""
    tails: list[int] = []
    ends: list[tuple[int, int]] = []
    before: dict[tuple[int, int], tuple[int, int] | None] = {}
    for pair in sorted(found.items()):
        at = bisect_left(tails, pair[1])
        before[pair] = ends[at - 1] if at else None
        tails[at : at + 1] = [pair[1]]
        ends[at : at + 1] = [pair]
    chosen: list[tuple[int, int]] = []
    last = ends[-1] if ends else None
    while last is not None:
        chosen.append(last)
        last = before[last]
    return chosen[::-1]


def renamed(one: Element, other: Element) -> bool:
    """Whether what is generated now may be what was generated before, under another name or with other values."""
    return one.kind == other.kind and (_shape(one) == _shape(other) or edited(one, other))


def _shape(element: Element) -> Hashable:
    parts = (
        part if isinstance(part, Run) else Run(part.source, "block", 0, 0, [part]) for part in element.parts
    )
    return element.kind, tuple(tuple(_shape(each) for each in part.items) for part in parts)


def edited(one: Element, other: Element) -> bool:
    """Whether `other` looks like `one` with something in it changed: half of it must be what it was."""
    if one.kind != other.kind or one.form != other.form or len(one.parts) != len(other.parts):
        return False
    if one.kind == "Return":
        return True
    if one.kind == "Call" and not _same_parts(one, other, 1):
        return False
    if len(one.parts) == 1 and isinstance(one.parts[0], Element) and isinstance(other.parts[0], Element):
        return edited(one.parts[0], other.parts[0])
    mine, theirs = _pieces(one), _pieces(other)
    shared = sum((mine & theirs).values())
    return shared > 0 and 2 * shared >= max(mine.total(), theirs.total())


def _same_parts(one: Element, other: Element, count: int) -> bool:
    pairs = zip(one.parts[:count], other.parts[:count], strict=True)
    return all(isinstance(a, Element) and isinstance(b, Element) and same(a, b) for a, b in pairs)


def _pieces(element: Element) -> Counter[Hashable]:
    found: Counter[Hashable] = Counter()
    for part in element.parts:
        found.update([part.code] if isinstance(part, Element) else [each.code for each in part.items])
    return found
