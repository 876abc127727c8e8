"""What people write in options: names by comma, pairs by equals sign, a file of text."""

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


def names_of(text: str | None) -> list[str] | None:
    """`a,b` as a list."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def groups_of(texts: list[str] | None) -> list[list[str]] | None:
    """Each text as a list of names."""
    return [names_of(text) or [] for text in texts] if texts else None


def pairs_of(texts: list[str] | None, option: str, example: str) -> dict[str, str] | None:
    """`key=value` texts as a mapping. A text without both ends the command; it is told `example`."""
    if not texts:
        return None
    pairs = [text.partition("=") for text in texts]
    for key, _, value in pairs:
        if not key or not value:
            raise typer.BadParameter(f"{key!r} is no pair, such as {example}", param_hint=option)
    return {key: value for key, _, value in pairs}
