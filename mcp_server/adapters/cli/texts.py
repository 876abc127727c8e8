"""What people write in options: lists by comma, pairs by equals sign, a file of text."""

import csv
import sys
from pathlib import Path

import typer


def text_of(source: str) -> str:
    """The text of a file, or of standard input for `-`."""
    if source == "-":
        return sys.stdin.read()
    try:
        return Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"cannot read {source}: {error}", param_hint="--spec") from None


def parts_of(texts: list[str] | None) -> list[str] | None:
    """What stands between the commas of an option that may be repeated: `--sort a,b` and `--sort a --sort b` are one."""
    return [part.strip() for text in texts for part in text.split(",") if part.strip()] if texts else None


def groups_of(texts: list[str] | None) -> list[list[str]] | None:
    """Names that belong together by comma, one group for each time that the option is given."""
    return [parts_of([text]) or [] for text in texts] if texts else None


def enums_of(texts: list[str] | None) -> dict[str, list[str]] | None:
    """`name=label,label` texts as a mapping; a label with a comma stands in double quotes."""
    pairs = [pairs_of([text], "--enum", "mood=good,bad") or {} for text in texts or ()]
    found = {
        name: next(csv.reader([labels], skipinitialspace=True))
        for each in pairs
        for name, labels in each.items()
    }
    return found or None


def pairs_of(texts: list[str] | None, option: str, example: str) -> dict[str, str] | None:
    """`key=value` texts as a mapping. A text without both ends the command, and is told `example`; so do two values of a key."""
    if not texts:
        return None
    pairs = [text.partition("=") for text in texts]
    for key, _, value in pairs:
        if not key or not value:
            raise typer.BadParameter(f"{key!r} is no pair, such as {example}", param_hint=option)
    found: dict[str, str] = {}
    for key, _, value in pairs:
        if found.setdefault(key, value) != value:
            raise typer.BadParameter(f"{key!r} is given twice, with two values", param_hint=option)
    return found
