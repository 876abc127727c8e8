"""The difference of two trees, carried over to a third one element by element.

Wherever base and wanted say the same, or the current file already says what is wanted, its text stays as it is. Where
they differ, the same parts are compared, down to the smallest that differ; only these are replaced, and only if the
current file still says there what base says.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from mcp_server.features.edits import imports
from mcp_server.features.edits.conflicts import NOWHERE, Code, Obstacle, Span
from mcp_server.features.edits.fate import Fate, Step
from mcp_server.features.edits.layout import Commas, Statements, blank_lines
from mcp_server.features.edits.lift import lifted
from mcp_server.features.edits.names import is_used_more, names_in, names_of
from mcp_server.features.edits.proof import Composite, Proof, Spliced
from mcp_server.features.edits.statements import IMPORTS
from mcp_server.features.edits.tree import Element, Run, same


class Splice:
    """One difference on its way into one file. `obstacles` are complete after `element` has run on the roots.

    `by_hand`: what meets an obstacle is in the file in another way, with the imports that it needs.
    """

    def __init__(self, *, by_hand: bool = False) -> None:
        self._by_hand = by_hand
        self.obstacles: list[Obstacle] = []

    def element(self, base: Element, wanted: Element, current: Element) -> Spliced:
        """What becomes of an element of the current file."""
        if base.text == wanted.text:
            return Spliced(current.text, current)
        if current.text == base.text:
            return Spliced(lifted(wanted, current.source.indent(current.start)), wanted)
        if base.kind != "module" and wanted.code in (base.code, current.code):
            return Spliced(current.text, current)
        if _comparable(base, wanted, current):
            return self._parts(base, wanted, current)
        if current.code != base.code:
            self._refuse(
                "EDT003", current, f"{shown(current)} was edited by hand, and has to change", base, wanted
            )
        elif _foreign_comments(base, current):
            self._refuse(
                "EDT003", current, f"{shown(current)} has to change, and holds a comment", base, wanted
            )
        else:
            return Spliced(lifted(wanted, current.source.indent(current.start)), wanted)
        return Spliced(current.text, current)

    def _parts(self, base: Element, wanted: Element, current: Element) -> Spliced:
        text, at, proofs = [], current.start, list[Proof | list[Proof]]()
        for old, new, now in zip(base.parts, wanted.parts, current.parts, strict=True):
            text.append(current.source.text[at : now.start])
            if isinstance(old, Element) and isinstance(new, Element) and isinstance(now, Element):
                spliced = self.element(old, new, now)
                text.append(spliced.text)
                proofs.append(spliced.proof)
            elif isinstance(old, Run) and isinstance(new, Run) and isinstance(now, Run):
                inner, steps = self._run(old, new, now)
                text.append(inner)
                proofs.append(steps)
            at = now.end
        text.append(current.source.text[at : current.end])
        return Spliced("".join(text), Composite(current, proofs))

    def _run(self, base: Run, wanted: Run, current: Run) -> tuple[str, list[Proof]]:
        if base.text == wanted.text:
            return current.text, list(current.items)
        if current.text == base.text:
            return lifted(wanted, current.source.indent(current.start)), list(wanted.items)
        steps = self._steps(base, wanted, current)
        text = (
            _statements(wanted, current, steps)
            if current.style in ("block", "decorators")
            else _commas(current, steps)
        )
        return text, [step.spliced.proof for step in steps]

    def _steps(self, base: Run, wanted: Run, current: Run) -> list[Step]:
        """The elements of the result, in order."""
        fate = Fate(base, wanted, current)
        kept = {number: Spliced(item.text, item) for number, item in enumerate(current.items)}
        for number, old in enumerate(base.items):
            place, new_place = fate.current.get(number), fate.wanted.get(number)
            new = None if new_place is None else wanted.items[new_place]
            now = None if place is None else current.items[place]
            if old.kind == IMPORTS and now is not None:
                continue
            if (
                now is not None
                and (new is None or not same(old, new))
                and self._twice(old, base, fate.strangers)
            ):
                continue
            if new is None:
                if place is not None and self._removable(old, current.items[place], wanted):
                    del kept[place]
            elif now is None:
                self._missing(old, new, current)
            elif place is not None and self._free(new, fate.strangers, now):
                kept[place] = self.element(old, new, now)
        for number, place in fate.present.items():
            new, now = wanted.items[number], current.items[place]
            if new.kind != IMPORTS and not same(new, now):
                self._taken(new, now)
        steps = fate.order(kept, current.source.indent(current.start))
        return self._with_imports(steps, base, wanted, current)

    def _with_imports(self, steps: list[Step], base: Run, wanted: Run, current: Run) -> list[Step]:
        """The steps, the blocks of imports among them as the rest of the result needs them."""
        now = [number for number, item in enumerate(current.items) if item.kind == IMPORTS]
        if not now:
            return steps
        old, new = (next((e for e in run.items if e.kind == IMPORTS), None) for run in (base, wanted))
        rest = "\n".join(step.spliced.text for step in steps if step.current not in now)
        names, (_, used) = names_of(current.items), names_in(rest)
        lost = used - names.bound - names.missing
        if typed := names.typed & used:  # whoever reads annotations while the code runs needs more than that
            own = "\n".join(item.text for item in current.items if item.kind != IMPORTS)
            lost |= {name for name in typed if is_used_more(name, rest, own)}
        here = [current.items[number] for number in now]
        blocks = imports.merge(self.refuse, old, new, here, rest, lost, only_used=self._by_hand)
        ready = dict(zip(now, blocks, strict=True))
        done = [
            replace(step, spliced=ready[step.current]) if step.current in ready else step for step in steps
        ]
        return [step for step in done if step.spliced.text]

    def _twice(self, old: Element, base: Run, strangers: Sequence[Element]) -> bool:
        """Whether somebody has put in again what has to change or go: nobody can say which of them is meant."""
        name = old.name if sum(each.name == old.name for each in base.items) == 1 else None
        other = next((each for each in strangers if same(each, old) or each.name == name is not None), None)
        if other is not None:
            self.refuse("EDT004", other.line, f"{shown(other)} is there twice", _lines(old), NOWHERE)
        return other is not None

    def _free(self, new: Element, strangers: Sequence[Element], now: Element) -> bool:
        """Whether nobody else has taken the name that an element is to have."""
        other = next(
            (each for each in strangers if each.name == new.name is not None and each is not now), None
        )
        if other is not None:
            self._taken(new, other)
        return other is None

    def _removable(self, old: Element, now: Element, wanted: Run) -> bool:
        place = (wanted.source.line(wanted.start) - 1,) * 2
        if not same(old, now):
            self.refuse(
                "EDT003", now.line, f"{shown(now)} was edited by hand, and has to go", _lines(old), place
            )
        elif _foreign_comments(old, now) or _comment_beside(now):
            self.refuse("EDT003", now.line, f"{shown(now)} has to go, and has a comment", _lines(old), place)
        else:
            return True
        return False

    def _missing(self, old: Element, new: Element, current: Run) -> None:
        if same(old, new):
            return
        reason = f"{shown(old)} has to change, and is not there any more"
        self.refuse("EDT002", current.source.line(current.start), reason, _lines(old), _lines(new))

    def _taken(self, new: Element, now: Element) -> None:
        reason = f"{shown(now)} is in the place of {shown(new)}"
        self.refuse("EDT004", now.line, reason, NOWHERE, _lines(new))

    def _refuse(self, code: Code, now: Element, reason: str, old: Element, new: Element) -> None:
        self.refuse(code, now.line, reason, _lines(old), _lines(new))

    def refuse(self, code: Code, line: int, reason: str, base: Span, wanted: Span) -> None:
        self.obstacles.append(Obstacle(code, line, reason, base, wanted))


def _comparable(base: Element, wanted: Element, current: Element) -> bool:
    """Whether the parts of the three correspond one to one."""
    if not base.kind == wanted.kind == current.kind or base.form != wanted.form:
        return False
    if base.form != current.form and base.kind != "elements":
        return False
    shapes = [[type(part) for part in each.parts] for each in (base, wanted, current)]
    return bool(shapes[0]) and shapes[0] == shapes[1] == shapes[2]


def _commas(current: Run, steps: Sequence[Step]) -> str:
    stay = {step.current: step.spliced.text for step in steps if not step.moves}
    layout = Commas(current, [stay.get(number, "") for number in range(len(current.items))])
    for number in reversed(range(len(current.items))):
        if number not in stay:
            layout.remove(number)
    for at, step in enumerate(steps):
        if step.moves:
            layout.insert(at, step.spliced.text)
    return layout.render()


def _statements(wanted: Run, current: Run, steps: Sequence[Step]) -> str:
    stay = {step.current: step.spliced.text for step in steps if not step.moves}
    texts = [stay.get(number, "") for number in range(len(current.items))]
    indent = current.source.indent(current.start)
    layout = Statements(texts, current.gaps, indent)
    for number in reversed(range(len(current.items))):
        if number not in stay:
            layout.remove(number)
    blank = [blank_lines(gap) for gap in wanted.gaps]
    before: Step | None = None
    for at, step in enumerate(steps):
        number = step.wanted or 0
        if step.moves:
            after = blank[number + 1] if number + 1 < len(wanted.items) else 0
            layout.insert(at, step.spliced.text, blank[number] if number else after, after)
        if before is not None and _meet_anew(before, step):
            layout.space(at, blank[number])
        before = step
    if current.style == "block":
        return layout.render()
    # Between the last decorator and what it decorates.
    tail = current.gaps[-1] if current.items else "\n" + indent
    return layout.render() + (tail if steps else tail.lstrip())


def _meet_anew(one: Step, other: Step) -> bool:
    """Whether two elements are neighbours as in the wanted sequence, and were none in the current one."""
    if one.wanted is None or one.wanted + 1 != other.wanted:
        return False
    return one.moves or other.moves or other.current != (one.current or 0) + 1


def _foreign_comments(base: Element, current: Element) -> bool:
    return bool(Counter(current.comments) - Counter(base.comments))


def _comment_beside(element: Element) -> bool:
    source = element.source
    return source.text[element.end : source.line_end(element.end)].lstrip(" \t,").startswith("#")


def _lines(part: Element | Run) -> Span:
    return part.source.line(part.start) - 1, part.source.line(part.end)


def shown(element: Element) -> str:
    """The line that an element begins in, for a message."""
    source = element.source
    if element.kind == "module":
        return "the file"
    line = source.text[source.line_start(element.start) : source.line_end(element.start)].strip()
    return f"`{line}`" if len(line) <= 60 else f"`{line[:57]}...`"
