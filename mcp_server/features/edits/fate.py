"""What becomes of each element of a sequence, and in what order the result has them."""

from collections.abc import Mapping
from dataclasses import dataclass

from mcp_server.features.edits import align
from mcp_server.features.edits.lift import lifted
from mcp_server.features.edits.proof import Spliced
from mcp_server.features.edits.tree import Element, Run, same


@dataclass(slots=True)
class Step:
    """One element of the result: where it is in the current and in the wanted sequence, as far as it is there."""

    current: int | None
    wanted: int | None
    spliced: Spliced
    moves: bool = False


class Fate:
    """Where the elements of base are in `wanted` and in `current`, what is `added`, and what of that is `present`.

    `strangers` are the elements of the current sequence that only a person can have put there.
    """

    def __init__(self, base: Run, wanted: Run, current: Run) -> None:
        self._new, self._now = wanted, current
        found = align.by_identity(base.items, wanted.items)
        role = base.style == "arguments"  # where a list keeps its place, whatever it holds
        found |= align.in_gaps(
            found, base.items, wanted.items, lambda a, b: align.renamed(a, b) or (role and _displays(a, b))
        )
        self.wanted = found
        self.added = [number for number in range(len(wanted.items)) if number not in set(found.values())]
        here = align.by_identity(base.items, current.items)
        there = self._new_ones(here)
        for number, new in found.items():
            if number not in here and new in there:
                here[number] = there[new]
        self.current = here | align.in_gaps(
            here,
            base.items,
            current.items,
            lambda a, b: a.name is b.name is None and (align.edited(a, b) or (role and _displays(a, b))),
            there.values(),
        )
        self.present = {number: there[number] for number in self.added if number in there}
        self._stable = {new for _, new in align.ordered(found)}
        self._moved = set(found.values()) - self._stable
        known = {*self.current.values(), *self.present.values()}
        self.strangers = [item for number, item in enumerate(current.items) if number not in known]

    def _new_ones(self, here: align.Pairs) -> align.Pairs:
        """Wanted elements that are in the current sequence, where base has none of them."""
        old = {number for one, number in self.wanted.items() if one in here}
        new = [number for number in range(len(self._new.items)) if number not in old]
        free = [number for number in range(len(self._now.items)) if number not in set(here.values())]
        pairs = align.by_identity([self._new.items[n] for n in new], [self._now.items[n] for n in free])
        return {new[one]: free[other] for one, other in pairs.items()}

    def order(self, kept: Mapping[int, Spliced], indent: str) -> list[Step]:
        """The kept elements where they are, each new or moved one behind what it follows in the wanted sequence."""
        where = {
            new: self.current[old] for old, new in self.wanted.items() if old in self.current
        } | self.present
        back = {now: new for new, now in where.items()}
        steps = [Step(number, back.get(number), spliced) for number, spliced in sorted(kept.items())]
        for number, item in enumerate(self._new.items):
            if number in self.added and number not in where:
                _put(steps, Step(None, number, Spliced(lifted(item, indent), item), moves=True))
            elif number in self._moved:
                step = next((each for each in steps if each.wanted == number), None)
                if step is not None and not self._in_order(steps, step) and not self._twice(item):
                    steps.remove(step)
                    step.moves = True
                    _put(steps, step)
        return steps

    def _twice(self, item: Element) -> bool:
        return any(same(item, other) for other in self.strangers)

    def _in_order(self, steps: list[Step], step: Step) -> bool:
        at, number = steps.index(step), step.wanted or 0
        before = max(
            (each.wanted for each in steps if each.wanted is not None and each.wanted < number), default=None
        )
        after = min(
            (each.wanted for each in steps if each.wanted in self._stable and (each.wanted or 0) > number),
            default=None,
        )
        places = {each.wanted: place for place, each in enumerate(steps)}
        return (before is None or places[before] < at) and (after is None or at < places[after])


def _put(steps: list[Step], step: Step) -> None:
    """Behind the nearest element that stands before it in the wanted sequence, or else before the nearest after it."""
    number = step.wanted or 0
    places = {each.wanted: place for place, each in enumerate(steps) if each.wanted is not None}
    before = max((each for each in places if each < number), default=None)
    after = min((each for each in places if each > number), default=None)
    if before is not None:
        steps.insert(places[before] + 1, step)
    elif after is not None:
        steps.insert(places[after], step)
    else:
        steps.append(step)


def _displays(one: Element, other: Element) -> bool:
    return one.kind == other.kind and one.kind in ("elements", "Dict")
