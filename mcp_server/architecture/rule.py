"""What a rule is: one sentence with its reason, its cure, two examples, and the function that finds violations."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from textwrap import dedent

from mcp_server.architecture.layers import SERVICE
from mcp_server.architecture.source import SourceFile

Found = tuple[ast.AST, str]
"""Where (its first line counts) and what."""
Finder = Callable[[SourceFile], Iterator[Found]]


@dataclass(frozen=True, slots=True)
class Example:
    """A snippet and the path that it pretends to have. `line` is where a bad example breaks the rule."""

    path: str
    source: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One enforced statement.

    `layers` are the layers whose files are searched. `find` yields each violation of one file.
    """

    id: str
    title: str
    why: str
    fix: str
    bad: Example
    good: Example
    find: Finder
    layers: frozenset[str]


def rule(
    rule_id: str,
    *,
    title: str,
    why: str,
    fix: str,
    bad: Example,
    good: Example,
    layers: frozenset[str] = SERVICE,
) -> Callable[[Finder], Rule]:
    """Make a `Rule` of the decorated finder."""
    return lambda find: Rule(rule_id, title, why, fix, bad, good, find, layers)


def bad(path: str, line: int, source: str) -> Example:
    """A snippet that breaks the rule at `line` (counted from 1 in the dedented text)."""
    return Example(path, dedent(source).lstrip("\n"), line)


def good(path: str, source: str) -> Example:
    """A snippet that does the same job within the rule."""
    return Example(path, dedent(source).lstrip("\n"))
