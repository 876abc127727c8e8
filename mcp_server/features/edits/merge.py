"""The difference of two generated sources, spliced into the file as it is now."""

from mcp_server.features.edits.conflicts import Obstacle, conflict


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
    whole = (0, max(base.count("\n"), wanted.count("\n")) + 1)
    raise conflict(path, base, wanted, [Obstacle("EDT003", 1, "the file was edited by hand", whole, whole)])
