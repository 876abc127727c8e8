"""The names that a block of imports binds."""

import ast
from typing import NamedTuple

from mcp_server.features.edits.tree import Element


class Binding(NamedTuple):
    """`from module import name as alias`, or `import name as alias` where `module` is None."""

    module: str | None
    name: str
    alias: str | None

    @property
    def bound(self) -> str:
        """The name that the module knows it by."""
        return self.alias or (self.name if self.module is not None else self.name.partition(".")[0])


def bindings(element: Element | None) -> list[Binding]:
    """Everything that the import statements of an element bind, in order."""
    found = []
    for node in element.nodes if element else ():
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = "." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else None
            found += [Binding(module, each.name, each.asname) for each in node.names]
    return found
