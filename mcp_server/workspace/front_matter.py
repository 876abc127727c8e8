"""Markdown with a block of YAML on top, as rules, PRPs and skills have it."""


def split_front_matter(text: str) -> tuple[str | None, str]:
    """The YAML between the two `---` lines, None without such a block, and the text below it."""
    head, separator, body = text.removeprefix("---\n").partition("\n---\n")
    return (head, body) if text.startswith("---\n") and separator else (None, text)
