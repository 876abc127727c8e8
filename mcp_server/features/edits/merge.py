"""The difference of two generated sources, spliced into the file as it is now."""

from mcp_server.features.edits.conflicts import NOWHERE, Obstacle, conflict
from mcp_server.features.edits.names import Names, members, names_of
from mcp_server.features.edits.prefix import below, prefix_of, strays, without
from mcp_server.features.edits.proof import holds
from mcp_server.features.edits.source import Source
from mcp_server.features.edits.splice import Splice
from mcp_server.features.edits.statements import module
from mcp_server.features.edits.tree import Element, Run


def merge(path: str, base: str, wanted: str, current: str, *, by_hand: bool = False) -> str:
    """`current` with the structural difference between `base` and `wanted`, and nothing else, put in.

    `base` is what the kit generates from the old spec, `wanted` what it generates from the new one, both formatted.
    Raises EditConflict with every problem at once, and the patch to apply by hand. `by_hand`: that has been done, in a way
    that cannot be told from the patch; what finds no place is left out.

    Format the result only if `current` was as the formatter leaves it: hand-made layout is to stay.
    """
    if current == base:
        return wanted
    if wanted in (base, current):
        return current
    plain = _Plain(current)
    try:
        now = Source(plain.text)
    except SyntaxError as error:
        reason = f"the file is not Python that this interpreter reads: {error.msg}"
        obstacle = Obstacle("EDT001", error.lineno or 1, reason, NOWHERE, NOWHERE)
        raise conflict(path, base, wanted, [obstacle]) from None
    splice = Splice(by_hand=by_hand)
    if prefix := prefix_of(now.tree):
        astray = strays(prefix, base, wanted)
        base, wanted = below(prefix, base), below(prefix, without(wanted, astray) if by_hand else wanted)
        splice.obstacles += astray.values()
    try:
        new, old = module(Source(wanted)), module(now)
        spliced = splice.element(module(Source(base)), new, old)
        sound = True
        if by_hand:
            splice.obstacles.clear()
        if not splice.obstacles:
            result = module(Source(spliced.text))
            sound = holds(spliced.proof, result)
            splice.obstacles += _lost(new, old, result)
            splice.obstacles += _lost_members(new, old, result)
    except (SyntaxError, RecursionError):
        sound = False
    if not sound:
        reason = "the result would not be the file as it is with exactly the difference put in"
        splice.obstacles.append(Obstacle("EDT006", 1, reason, NOWHERE, NOWHERE))
    if splice.obstacles:
        raise conflict(path, base, wanted, splice.obstacles)
    return plain.restored(spliced.text)


def _lost(wanted: Element, current: Element, result: Element) -> list[Obstacle]:
    """The names that what was put in looks up, that the generated module has, and that the file does not have."""
    new, old, found = (_names(each) for each in (wanted, current, result))
    if "*" in found.bound:
        return []  # nobody knows what that brings
    return [
        Obstacle(
            "EDT002", 1, f"`{name}` is used by what has to be put in, and is not there", NOWHERE, NOWHERE
        )
        for name in sorted((found.missing & new.bound) - old.missing)
    ]


def _lost_members(wanted: Element, current: Element, result: Element) -> list[Obstacle]:
    """The attributes of `self` that what was put in looks up, that the generated class has, and that the class here lacks."""
    (has, _), (_, lacked), (_, lacks) = (members(each.source.tree) for each in (wanted, current, result))
    return [
        Obstacle(
            "EDT002", 1, f"`self.{name}` is used by what has to be put in, and is not there", NOWHERE, NOWHERE
        )
        for name in sorted((lacks & has) - lacked)
    ]


def _names(root: Element) -> Names:
    return names_of([item for part in root.parts if isinstance(part, Run) for item in part.items])


class _Plain:
    """A file without what an editor may have put round its text: the mark of UTF-8, line ends of Windows, no last one."""

    def __init__(self, text: str) -> None:
        self._mark = "\ufeff" if text.startswith("\ufeff") else ""
        text = text.removeprefix("\ufeff")
        self._windows = "\r" in text and text.count("\r\n") == text.count("\n") == text.count("\r")
        text = text.replace("\r\n", "\n") if self._windows else text
        self._open = not text.endswith("\n")
        self.text = text + "\n" if self._open else text

    def restored(self, text: str) -> str:
        text = text.removesuffix("\n") if self._open else text
        return self._mark + (text.replace("\n", "\r\n") if self._windows else text)
