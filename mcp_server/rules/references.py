"""Everything that instructions for agents name in backticks must exist: paths, commands, make targets and tools."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from mcp_server.rules.vocabulary import COMMANDS, TOOLS
from mcp_server.workspace.errors import Problem
from mcp_server.workspace.globs import matcher
from mcp_server.workspace.workspace import Workspace

INSTRUCTIONS = (
    "AGENTS.md",
    "CLAUDE.md",
    "rules/*.md",
    ".claude/agents/*.md",
    ".claude/skills/**/*.md",
    "PRPs/**/*.md",
)
_NAMED_IN = ("app/**/*.py", "mcp_server/operations/*.py")
_SPAN = re.compile(r"`([^`\n]+)`")
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_SHELL = re.compile(r"^(?:\$ )?((?:kit|make) .+)$", re.MULTILINE)
_PATH = re.compile(r"\.?[\w<{*][\w.<>{}*-]*(?:/[\w.<>{}*-]+)*/?")
_SUFFIX = re.compile(r"\.(?:md|mdc|py|toml|json|ini|ya?ml|example|lock)$")
_TOOL = re.compile(r"mcp__kit__(\w+)")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")


@dataclass(frozen=True)
class Known:
    """What exists, as the references see it."""

    paths: frozenset[str]
    targets: frozenset[str]
    source: str
    """All Python text of the service and the kit's operations, in which a snake_case name must occur."""

    @classmethod
    def of(cls, workspace: Workspace) -> "Known":
        """The names of a workspace. Folders count as paths."""
        files = workspace.files()
        folders = {
            "/".join(path.split("/")[:depth]) for path in files for depth in range(1, path.count("/") + 1)
        }
        makefile = workspace.read("Makefile") or b""
        targets = re.findall(r"^([a-z][a-z-]*):", makefile.decode(), re.MULTILINE)
        source = "\n".join(workspace.text(path) for path in workspace.files(*_NAMED_IN))
        return cls(frozenset({*files, *folders}), frozenset(targets), source)

    @cached_property
    def names(self) -> frozenset[str]:
        """Last parts of all paths."""
        return frozenset(path.rpartition("/")[2] for path in self.paths)

    @cached_property
    def top(self) -> frozenset[str]:
        """First parts of all paths."""
        return frozenset(path.partition("/")[0] for path in self.paths)


def check_references(workspace: Workspace) -> tuple[Problem, ...]:
    """Every reference that leads nowhere: REF001 path, REF002 command, REF003 make target, REF004 tool or name."""
    known = Known.of(workspace)
    texts = {path: workspace.text(path) for path in workspace.files(*INSTRUCTIONS)}
    return tuple(find_dangling(texts, known))


def find_dangling(texts: Mapping[str, str], known: Known) -> Iterator[Problem]:
    """The same for given texts (path → content)."""
    for path, text in texts.items():
        for offset, span in _spans(text):
            reason = _missing(span, path.rpartition("/")[0], known)
            if path.startswith("PRPs/") and _is_future(span):
                continue
            if reason:
                line = text.count("\n", 0, offset) + 1
                yield Problem(
                    reason[0], f"{path}:{line}", reason[1], "Correct the name, or remove the sentence"
                )


def _spans(text: str) -> Iterator[tuple[int, str]]:
    """What stands in backticks, the shell lines in fenced blocks, and the tools named anywhere."""
    for fence in _FENCE.finditer(text):
        yield from ((fence.start() + line.start(), line[1]) for line in _SHELL.finditer(fence[0]))
    prose = _FENCE.sub(lambda fence: re.sub(r"[^\n]", " ", fence[0]), text)
    yield from ((span.start(), span[1]) for span in _SPAN.finditer(prose))
    yield from ((tool.start(), tool[0]) for tool in _TOOL.finditer(text))


def _missing(span: str, folder: str, known: Known) -> tuple[str, str] | None:
    """Code and reason if a reference, made by a file in `folder`, leads nowhere."""
    words = span.split()
    if words[0] == "kit" and len(words) > 1:
        exists = any(" ".join(words[1 : 1 + size]) in COMMANDS for size in (1, 2))
        return None if exists else ("REF002", f"there is no command `{span}`")
    if words[0] == "make" and len(words) > 1:
        return None if words[1] in known.targets else ("REF003", f"there is no make target `{words[1]}`")
    if tool := _TOOL.fullmatch(span):
        return None if tool[1] in TOOLS else ("REF004", f"there is no tool `{tool[1]}`")
    if _IDENTIFIER.fullmatch(span):
        exists = span in TOOLS or re.search(rf"\b{span}\b", known.source) is not None
        return None if exists else ("REF004", f"`{span}` is neither a tool nor a name in the code")
    target = span.rstrip("/")
    if not _PATH.fullmatch(span) or _exists(target, known):
        return None
    beside = bool(folder) and f"{folder}/{target}" in known.paths
    return None if beside else ("REF001", f"there is no path `{span}`")


def _is_future(span: str) -> bool:
    """A PRP may name files and fields that are still to be made; commands and tools must be there."""
    return span.split(maxsplit=1)[0] not in {"kit", "make"} and not _TOOL.fullmatch(span)


def _exists(path: str, known: Known) -> bool:
    """Whether a path exists; `<name>` and `{name}` stand for anything. What does not look like a path exists."""
    pattern = re.sub(r"<[^<>]*>|\{[^{}]*\}", "*", path)
    if "/" not in path:
        return not _SUFFIX.search(path) or pattern in known.names or _any(pattern, known.names)
    if pattern.partition("/")[0] not in known.top and not _SUFFIX.search(path):
        return True
    return pattern in known.paths or _any(pattern, known.paths)


def _any(pattern: str, paths: frozenset[str]) -> bool:
    return "*" in pattern and any(map(matcher([pattern]), paths))
