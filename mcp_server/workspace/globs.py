"""Path patterns: `*` and `?` stay inside one path part, `**` spans any number of parts."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache


def matcher(globs: Iterable[str]) -> Callable[[str], bool]:
    """A test whether a relative POSIX path matches one of the patterns; no patterns match everything."""
    patterns = tuple(globs)
    if not patterns:
        return lambda _path: True
    pattern = re.compile("|".join(_regex(each) for each in patterns))
    return lambda path: pattern.fullmatch(path) is not None


@lru_cache(maxsize=256)
def _regex(pattern: str) -> str:
    parts = pattern.strip("/").split("/")
    pieces = []
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            pieces.append(".*" if last else "(?:[^/]+/)*")
        else:
            pieces.append(_part(part) + ("" if last else "/"))
    return f"(?s:{''.join(pieces)})"


def _part(part: str) -> str:
    known = {"*": "[^/]*", "?": "[^/]"}
    return "".join(known.get(character) or re.escape(character) for character in part)
