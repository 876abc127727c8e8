"""The difference of two generated sources, spliced into the file as it is now."""

from mcp_server.features.edits.conflicts import NOWHERE, Obstacle, conflict
from mcp_server.features.edits.names import Names, names_of
from mcp_server.features.edits.proof import holds
from mcp_server.features.edits.source import UNREADABLE, Source
from mcp_server.features.edits.splice import Splice
from mcp_server.features.edits.statements import module
from mcp_server.features.edits.tree import Element, Run


def merge(path: str, base: str, wanted: str, current: str) -> str:
    """`current` with the structural difference between `base` and `wanted`, and nothing else, put in.

    `base` is what the kit generates from the old spec, `wanted` what it generates from the new one, both formatted.
    Raises EditConflict with every problem at once, and the patch to apply by hand.

    Format the result only if `current` was as the formatter leaves it: hand-made layout is to stay.
    """
    if current == base:
        return wanted
    if wanted in (base, current):
        return current
    plain = _Plain(current)
    try:
        now = Source(plain.text)
    except UNREADABLE as error:
        line = error.lineno or 1 if isinstance(error, SyntaxError) else 1
        reason = f"the file is not Python that this interpreter reads: {getattr(error, 'msg', error)}"
        raise conflict(path, base, wanted, [Obstacle("EDT001", line, reason, NOWHERE, NOWHERE)]) from None
    splice = Splice()
    try:
        new, old = module(Source(wanted)), module(now)
        spliced = splice.element(module(Source(base)), new, old)
        sound = True
        if not splice.obstacles:
            result = module(Source(spliced.text))
            sound = holds(spliced.proof, result)
            splice.obstacles += _lost(new, old, result)
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
