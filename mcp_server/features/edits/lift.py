"""Generated text on its way into a file that may be indented differently."""

from mcp_server.features.edits.tree import Element, Run


def lifted(part: Element | Run, indent: str) -> str:
    """The text, with the lines after the first indented as if it began in a line of this indentation.

    Lines inside a string stay as they are: they are part of its value.
    """
    source, old = part.source, part.source.indent(part.start)
    if old == indent or "\n" not in part.text:
        return part.text
    lines, at = list[str](), part.start
    for line in part.text.splitlines(keepends=True):
        moved = lines and line.strip() and line.startswith(old) and not source.in_string(at)
        lines.append(indent + line[len(old) :] if moved else line)
        at += len(line)
    return "".join(lines)
