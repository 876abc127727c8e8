"""Whether the rules hold together: published files in sync, enforcers that exist, references that lead somewhere."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mcp_server.architecture.registry import RULES
from mcp_server.rules.model import RuleFile, Statement, read_rules
from mcp_server.rules.publish import drift
from mcp_server.rules.references import check_references
from mcp_server.workspace.errors import KitError, Problem
from mcp_server.workspace.workspace import Workspace

INPUTS = (
    "rules/**",
    ".claude/**",
    ".cursor/rules/**",
    ".github/**",
    "AGENTS.md",
    "CLAUDE.md",
    "Makefile",
    "pyproject.toml",
    "app/**/*.py",
    "tests/**/*.py",
)
"""What the outcome depends on (paths of everything else only by their existence)."""

_CHECKS = {rule.id for rule in RULES}
_ON_BY_DEFAULT = {"unused-coroutine"}
"""Codes that mypy reports without being told to, as far as statements use them."""


def check_rules(workspace: Workspace, gates: Collection[str]) -> tuple[Problem, ...]:
    """Everything that is wrong with the rule files. `gates` are the ids of the gates there are.

    RULE001-002: unusable sources. RULE003: an enforcer that does not exist. RULE004-005: published files.
    RULE006: a check that no statement names. REF001-004: a reference in backticks that leads nowhere.
    """
    try:
        files = read_rules(workspace)
        problems = [*drift(workspace)]
    except KitError as error:
        return error.problems
    settings = tomllib.loads(workspace.text("pyproject.toml")).get("tool", {})
    problems += _enforcers(workspace, files, settings, gates)
    problems += check_references(workspace)
    return tuple(problems)


def _enforcers(
    workspace: Workspace, files: tuple[RuleFile, ...], settings: Mapping[str, Any], gates: Collection[str]
) -> Iterator[Problem]:
    statements = [(file, statement) for file in files for statement in file.statements]
    for file, statement in statements:
        for name in statement.enforced_by:
            reason = _unreal(workspace, statement, name, settings, gates)
            if reason:
                place = f"{file.path}:{statement.line}"
                yield Problem("RULE003", place, f"{statement.id}: {reason}", "Name what really enforces it")
    for rule_id in sorted(_CHECKS - {statement.id for _, statement in statements}):
        yield Problem("RULE006", "rules", f"no statement says {rule_id}", "Add it to the file it belongs to")


def _unreal(
    workspace: Workspace, statement: Statement, name: str, settings: Mapping[str, Any], gates: Collection[str]
) -> str:
    """Why this enforcer does not exist, or nothing."""
    kind, _, what = name.partition(" ")
    if kind in _CHECKS:
        return "" if kind == statement.id else f"the check of another statement ({kind})"
    if kind == "ruff":
        return "" if _ruff_selects(what, settings) else f"pyproject.toml does not select ruff {what}"
    if kind == "mypy":
        mypy = settings.get("mypy", {})
        known = {
            *mypy.get("enable_error_code", ()),
            *_ON_BY_DEFAULT,
            *(["strict"] if mypy.get("strict") else []),
        }
        return "" if what in known else f"mypy does not report {what} here"
    if kind == "gate":
        return "" if what in gates else f"there is no gate {what}"
    if kind == "test":
        path, _, function = what.partition("::")
        text = (workspace.read(path) or b"").decode()
        found = bool(text) and re.search(rf"def {re.escape(function)}\b" if function else "def test", text)
        return "" if found else f"there is no test {what}"
    return f"cannot tell what `{name}` is"


def _ruff_selects(code: str, settings: Mapping[str, Any]) -> bool:
    lint = settings.get("ruff", {}).get("lint", {})
    selected = any(code.startswith(prefix) for prefix in lint.get("select", ()))
    return selected and code not in lint.get("ignore", ())
