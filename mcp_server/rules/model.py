"""The rule files as data: front matter, statements, and what enforces each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from mcp_server.workspace.errors import InvalidInput, Problem
from mcp_server.workspace.front_matter import split_front_matter
from mcp_server.workspace.workspace import Workspace

SOURCES = "rules/*.md"
KEYS = {"title", "description", "paths", "always", "audience"}
_STATEMENT = re.compile(r"\*\*(KIT\d{3})\*\* (.+) \*\((advice|enforced by: .+)\)\*", re.DOTALL)
_GUIDE = "Write `- **KIT201** What must hold. *(enforced by: KIT201)*`, or end it with `*(advice)*`"


@dataclass(frozen=True, slots=True)
class Statement:
    """One rule. `enforced_by` is empty for advice; `line` counts from 1 in the source file."""

    id: str
    text: str
    enforced_by: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One file of `rules/`.

    `always` files hold what every session must know; the others are shown when a file under `paths` is touched.
    `audience` limits a file to one tool (`claude`).
    """

    path: str
    title: str
    description: str
    paths: tuple[str, ...]
    always: bool
    audience: str
    body: str
    statements: tuple[Statement, ...]
    digest: str

    @property
    def slug(self) -> str:
        """The file's name without folder and suffix, which the published files keep."""
        return self.path.rpartition("/")[2].removesuffix(".md")


def read_rules(workspace: Workspace) -> tuple[RuleFile, ...]:
    """Every rule file, by name. Raises InvalidInput with all that is wrong in them (RULE001, RULE002)."""
    problems: list[Problem] = []
    files = [_parse(path, workspace.text(path), problems) for path in workspace.files(SOURCES)]
    seen: dict[str, str] = {}
    for file in files:
        for statement in file.statements:
            first = seen.setdefault(statement.id, f"{file.path}:{statement.line}")
            if first != f"{file.path}:{statement.line}":
                problems.append(
                    Problem(
                        "RULE002",
                        f"{file.path}:{statement.line}",
                        f"{statement.id} is stated at {first} too",
                        "Keep one, or number the other anew",
                    )
                )
    if problems:
        raise InvalidInput(*problems)
    return tuple(files)


def _parse(path: str, text: str, problems: list[Problem]) -> RuleFile:
    head, body = split_front_matter(text)
    facts = _front_matter(path, head, problems)
    first_line = text[: len(text) - len(body)].count("\n") + 1
    return RuleFile(
        path,
        str(facts.get("title", "")),
        str(facts.get("description", "")),
        tuple(facts.get("paths", ())),
        bool(facts.get("always", False)),
        str(facts.get("audience", "")),
        body.strip("\n") + "\n",
        tuple(_statements(path, body, first_line, problems)),
        sha256(text.encode()).hexdigest()[:12],
    )


def _front_matter(path: str, head: str | None, problems: list[Problem]) -> dict[str, Any]:
    import yaml

    try:
        facts = yaml.safe_load(head) if head else None
    except yaml.YAMLError as error:
        facts, reason = {}, f"front matter is not YAML: {error}"
    else:
        reason = _unusable(facts)
    if reason:
        hint = "Begin with --- and the keys title, description and paths (a list) or always: true"
        problems.append(Problem("RULE001", f"{path}:1", reason, hint))
        return {}
    return dict(facts or {})


def _unusable(facts: object) -> str:
    """Why front matter cannot be used, or nothing."""
    if not isinstance(facts, dict):
        return "there is no front matter"
    if unknown := sorted(set(facts) - KEYS):
        return f"unknown keys: {', '.join(map(str, unknown))}"
    if not all(isinstance(facts.get(key), str) for key in ("title", "description")):
        return "title and description must be given, as text"
    paths, always = facts.get("paths", []), facts.get("always", False)
    if not isinstance(always, bool) or not isinstance(paths, list) or always == bool(paths):
        return "a rule file is either always: true or has a list of paths"
    # Claude refuses absolute and climbing patterns; a comma or a brace would split Cursor's and Copilot's lists.
    if bad := [
        item for item in paths if not isinstance(item, str) or re.search(r"^[/*]|\.\.|[,{}\"' ]", item)
    ]:
        return f"a path must begin with a folder, without commas, braces, quotes and spaces: {bad[0]}"
    return ""


def _statements(path: str, body: str, first_line: int, problems: list[Problem]) -> Iterator[Statement]:
    for line, item in _items(body, first_line):
        if "**KIT" not in item:
            continue
        match = _STATEMENT.fullmatch(item)
        if match is None:
            problems.append(Problem("RULE002", f"{path}:{line}", "not a statement with an enforcer", _GUIDE))
            continue
        enforcers = match[3].removeprefix("enforced by: ")
        names = () if enforcers == "advice" else tuple(part.strip() for part in enforcers.split(","))
        yield Statement(match[1], match[2], names, line)


def _items(body: str, first_line: int) -> Iterator[tuple[int, str]]:
    """The list items of a Markdown text, with their first lines; indented lines continue an item."""
    start, item = 0, ""
    for number, line in enumerate([*body.split("\n"), ""], start=first_line):
        if item and line.startswith("  "):
            item += " " + line.strip()
            continue
        if item:
            yield start, item
        start, item = number, line[2:].strip() if line.startswith("- ") else ""
