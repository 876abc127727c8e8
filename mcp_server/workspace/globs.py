"""Path patterns: `*` and `?` stay inside one path part, `**` spans any number of parts."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache


def matcher(globs: Iterable[str]) -> Callable[[str], bool]:
    """A test whether a relative POSIX path matches one of the patterns; no patterns match everything."""
    patterns = tuple(globs)
    if not patterns:
        return lambda _path: True
    pattern = re.compile("|".join(_regex(each) for each in patterns))
    return lambda path: pattern.fullmatch(path) is not None


def find(root: str, pattern: str) -> Iterator[str]:
    """Relative POSIX paths of the files below `root` that match; `**` enters no linked folder.

    As `Path.glob`, but one look at a folder tells the kinds of all its files, where a path each costs ten times that.
    """
    return _find(root, "", pattern.split("/"))


def _find(root: str, folder: str, parts: list[str]) -> Iterator[str]:
    first, *rest = parts
    if first == "**":
        yield from _find(root, folder, rest)
        for entry in _entries(root, folder):
            if entry.is_dir(follow_symlinks=False):
                yield from _find(root, f"{folder}{entry.name}/", parts)
        return
    if rest and "*" not in first:
        yield from _find(root, f"{folder}{first}/", rest)
        return
    named = re.compile(_part(first))
    for entry in _entries(root, folder):
        if not named.fullmatch(entry.name):
            continue
        if rest and entry.is_dir():
            yield from _find(root, f"{folder}{entry.name}/", rest)
        elif not rest and entry.is_file():
            yield f"{folder}{entry.name}"


def _entries(root: str, folder: str) -> list["os.DirEntry[str]"]:
    """What is in a folder; nothing where there is none."""
    try:
        with os.scandir(f"{root}/{folder}") as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []


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
