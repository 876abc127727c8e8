"""Publish rules/*.md for every coding tool, as one change set."""

from collections.abc import Callable, Mapping

from mcp_server.changes.change_set import ChangeSet
from mcp_server.rules.model import RuleFile, read_rules
from mcp_server.rules.render import (
    BEGIN,
    END,
    MARKER,
    agents_block,
    claude_block,
    claude_rule,
    copilot_block,
    copilot_instructions,
    cursor_rule,
)
from mcp_server.workspace.errors import Problem, Refused
from mcp_server.workspace.workspace import Workspace

FOLDERS: Mapping[str, tuple[str, str, Callable[[RuleFile], str]]] = {
    "claude": (".claude/rules/", ".md", claude_rule),
    "cursor": (".cursor/rules/", ".mdc", cursor_rule),
    "copilot": (".github/instructions/", ".instructions.md", copilot_instructions),
}
"""Tool → folder, suffix and form of its path-scoped rules. A new tool is one more line."""

BLOCKS = {
    "AGENTS.md": agents_block,
    "CLAUDE.md": claude_block,
    ".github/copilot-instructions.md": copilot_block,
}
"""Files of which the kit owns one block; what people write around it stays."""


def publish(workspace: Workspace) -> ChangeSet:
    """The edits that bring every published file up to date; empty when they are.

    A published file whose source is gone is deleted. Raises InvalidInput for unusable sources (RULE001, RULE002) and
    Refused RULE005 where somebody's own file stands in the place of a published one.
    """
    files = read_rules(workspace)
    before: dict[str, bytes | None] = {}
    after: dict[str, bytes | None] = {}
    in_the_way: list[Problem] = []
    for path, text in _scoped(files).items():
        before[path], after[path] = workspace.read(path), text.encode()
        if before[path] is not None and not _is_published(before[path]):
            hint = "Rename it, or move its text to rules/"
            in_the_way.append(Problem("RULE005", path, "this file was not published from rules/", hint))
    for folder, suffix, _ in FOLDERS.values():
        for path in workspace.files(f"{folder}*{suffix}"):
            if path not in after and _is_published(content := workspace.read(path)):
                before[path], after[path] = content, None
    for path, render in BLOCKS.items():
        before[path] = workspace.read(path)
        after[path] = _with_block((before[path] or b"").decode(), render(files), path, in_the_way).encode()
    if in_the_way:
        raise Refused(*in_the_way)
    return ChangeSet.between("publish the rules", before, after)


def drift(workspace: Workspace) -> tuple[Problem, ...]:
    """Every published file that differs from what rules/ says (RULE004)."""
    hint = "Run `kit rules sync`; to keep an edit, make it in rules/"
    return tuple(
        Problem("RULE004", change.path, _difference(change.before, change.after), hint)
        for change in publish(workspace).changes
    )


def _difference(before: bytes | None, after: bytes | None) -> str:
    if before is None:
        return "is not published yet"
    return "its source in rules/ is gone" if after is None else "differs from its source in rules/"


def _scoped(files: tuple[RuleFile, ...]) -> dict[str, str]:
    scoped = [file for file in files if not file.always]
    return {
        f"{folder}{file.slug}{suffix}": render(file)
        for folder, suffix, render in FOLDERS.values()
        for file in scoped
    }


def _is_published(content: bytes | None) -> bool:
    return content is not None and f"<!-- {MARKER} published from".encode() in content


def _with_block(text: str, block: str, path: str, problems: list[Problem]) -> str:
    """The text with its published block replaced; a file that has none gets it at the top."""
    if BEGIN not in text:
        return f"{block}\n{text}" if text.strip() else block
    start, end = text.index(BEGIN), text.find(f"{END}\n")
    if end < start or text.count(BEGIN) > 1:
        hint = f"Keep one block that ends with the line {END}"
        problems.append(Problem("RULE005", path, "the published block has lost its end, or its twin", hint))
        return text
    return text[:start] + block + text[end + len(END) + 1 :]
