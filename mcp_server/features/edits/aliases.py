"""Types that a generated module gives a name, in a file that does without such names."""

import ast
from collections.abc import Collection

from mcp_server.features.edits.source import Source


def aliases(text: str) -> dict[str, str]:
    """The names that a generated module gives to types, and the types as source."""
    source = Source(text)
    return {
        name: source.text[source.start(node.value) : source.end(node.value)]
        for name, node in _named(source).items()
    }


def written_out(text: str, names: Collection[str]) -> str:
    """The module with these types written out wherever they are used, and their names gone."""
    source, types = Source(text), aliases(text)
    nodes = _named(source)
    edits = [(source.start(nodes[name]), source.end(nodes[name]), "") for name in names if name in nodes]
    edits += [
        (source.start(node), source.end(node), types[node.id])
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Load)
        and node.id in types
        and node.id in names
    ]
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _named(source: Source) -> dict[str, ast.Assign]:
    return {
        node.targets[0].id: node
        for node in source.tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
