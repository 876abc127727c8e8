"""Rule files in the form of each coding tool. Formats as of late 2026; only the keys that the tools document."""

import json
from collections.abc import Sequence

from mcp_server.rules.model import RuleFile

MARKER = "kit:rules"
BEGIN, END = f"<!-- {MARKER} begin", f"<!-- {MARKER} end -->"


def claude_rule(file: RuleFile) -> str:
    """`.claude/rules/*.md`: `paths` is a YAML list of quoted globs, and the only key."""
    paths = "".join(f"  - {json.dumps(path)}\n" for path in file.paths)
    return f"---\npaths:\n{paths}---\n{_marker(file)}\n\n{file.body}"


def cursor_rule(file: RuleFile) -> str:
    """`.cursor/rules/*.mdc`: exactly three keys; `globs` is one unquoted, comma-separated string."""
    head = f"description: {json.dumps(file.description)}\nglobs: {','.join(file.paths)}\nalwaysApply: false"
    return f"---\n{head}\n---\n{_marker(file)}\n\n{file.body}"


def copilot_instructions(file: RuleFile) -> str:
    """`.github/instructions/*.instructions.md`: `applyTo` is one comma-separated string."""
    head = f"description: {json.dumps(file.description)}\napplyTo: {json.dumps(','.join(file.paths))}"
    return f"---\n{head}\n---\n{_marker(file)}\n\n{file.body}"


def agents_block(files: Sequence[RuleFile]) -> str:
    """What AGENTS.md holds: the files for every session in full, the others as a table of when to read them."""
    scoped = [file for file in files if not file.always]
    rows = "".join(f"| {_code(file.paths)} | [{file.title}]({file.path}) |\n" for file in scoped)
    table = f"## Before you edit\n\n| files | read first |\n|---|---|\n{rows}" if rows else ""
    everyone = [file for file in files if file.always and not file.audience]
    return _block(everyone, [*(file.body for file in everyone), table])


def claude_block(files: Sequence[RuleFile]) -> str:
    """What CLAUDE.md holds: the import of AGENTS.md and what concerns Claude Code only."""
    own = [file for file in files if file.audience == "claude"]
    return _block(own, ["@AGENTS.md\n", *(file.body for file in own)])


def copilot_block(files: Sequence[RuleFile]) -> str:
    """What `.github/copilot-instructions.md` holds."""
    everyone = [file for file in files if file.always and not file.audience]
    return _block(everyone, [file.body for file in everyone])


def _code(paths: Sequence[str]) -> str:
    return ", ".join(f"`{path}`" for path in paths)


def _marker(file: RuleFile) -> str:
    return (
        f"<!-- {MARKER} published from {file.path} ({file.digest}): edit that file, then `kit rules sync` -->"
    )


def _block(files: Sequence[RuleFile], parts: Sequence[str]) -> str:
    sources = ", ".join(f"{file.path} ({file.digest})" for file in files)
    text = "\n".join(part for part in parts if part)
    return f"{BEGIN}: published from {sources}; edit there, then `kit rules sync` -->\n{text}{END}\n"
