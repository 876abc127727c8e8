"""Check the source of a service against every rule. Pure: text in, violations out."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mcp_server.architecture.facts import gather
from mcp_server.architecture.layers import LAYERED, Layers
from mcp_server.architecture.registry import RULES
from mcp_server.architecture.source import SourceFile
from mcp_server.workspace.syntax import lines, parse

UNREADABLE = "KIT001"
USELESS_ALLOWANCE = "KIT002"
_ALLOWANCE = re.compile(r"#\s*allow (KIT\d{3}): *(\S?)")


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """One broken rule. `line` counts from 1."""

    file: str
    line: int
    rule: str
    message: str


def check(files: Mapping[str, str], layers: Layers = LAYERED) -> tuple[Violation, ...]:
    """Every violation in these files (relative path → text), by file and line.

    Files outside the layers are skipped. A line that ends in `# allow KIT201: reason` is exempt from that rule; an
    allowance that exempts nothing, or gives no reason, is itself a violation (KIT002).
    """
    found: list[Violation] = []
    trees: dict[str, tuple[str, ast.Module]] = {}
    for path, text in files.items():
        layer = layers.of_path(path) if path.endswith(".py") else None
        if layer is None:
            continue
        try:
            trees[path] = layer, parse(text)
        except SyntaxError as error:
            found.append(Violation(path, error.lineno or 1, UNREADABLE, f"does not parse: {error}"))
    facts = gather(tree for layer, tree in trees.values() if layer == "models")
    for path, (layer, tree) in trees.items():
        source = SourceFile(path, tree, layer, layers, facts)
        found += _excuse(path, files[path], _violations(source))
    return tuple(sorted(found))


def _violations(source: SourceFile) -> set[Violation]:
    return {
        Violation(source.path, getattr(node, "lineno", 1), rule.id, message)
        for rule in RULES
        if source.layer in rule.layers
        for node, message in rule.find(source)
    }


def _excuse(path: str, text: str, found: set[Violation]) -> Iterator[Violation]:
    """What is left of `found` after the allowances in `text`, and the allowances that are wrong."""
    if "# allow KIT" not in text:
        yield from found
        return
    allowed: dict[tuple[int, str], str] = {}
    for number, line in enumerate(lines(text), start=1):
        for match in _ALLOWANCE.finditer(line):
            allowed[number, match[1]] = match[2]
    for violation in found:
        if not allowed.get((violation.line, violation.rule)):
            yield violation
    used = {(violation.line, violation.rule) for violation in found}
    for (number, rule_id), reason in allowed.items():
        if not reason:
            yield Violation(path, number, USELESS_ALLOWANCE, f"allows {rule_id} without a reason")
        elif (number, rule_id) not in used:
            yield Violation(
                path, number, USELESS_ALLOWANCE, f"allows {rule_id}, which this line does not break"
            )
