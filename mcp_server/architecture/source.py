"""A source file, parsed once and indexed for the checkers."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from mcp_server.architecture.facts import Facts
from mcp_server.architecture.layers import Layers
from mcp_server.workspace.layout import module_of

Function = ast.FunctionDef | ast.AsyncFunctionDef
Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: `module` is absolute; `name` is None for `import module`."""

    module: str
    name: str | None
    line: int


@dataclass
class SourceFile:
    """The syntax tree of one file with its layer, its imports and the way up from every node."""

    path: str
    tree: ast.Module
    layer: str
    layers: Layers
    facts: Facts = field(default_factory=Facts)

    def __post_init__(self) -> None:
        self._by_type: dict[type[ast.AST], list[ast.AST]] = {}
        self._parent: dict[ast.AST, ast.AST] = {}
        pending: list[ast.AST] = [self.tree]
        while pending:
            node = pending.pop()
            self._by_type.setdefault(type(node), []).append(node)
            for child in ast.iter_child_nodes(node):
                self._parent[child] = node
                pending.append(child)

    def nodes(self, kind: type[Node]) -> Iterator[Node]:
        """Every node of exactly this type, in no particular order."""
        yield from self._by_type.get(kind, ())  # type: ignore[misc]  # the index is keyed by the type it holds

    def functions(self) -> Iterator[Function]:
        """Every function and method, async or not."""
        yield from self.nodes(ast.FunctionDef)
        yield from self.nodes(ast.AsyncFunctionDef)

    def assignments(self) -> Iterator[tuple[ast.AST, str, ast.expr]]:
        """Every `name = value`, annotated or not, as (where, dotted name, value)."""
        for node in self.nodes(ast.Assign):
            yield from ((node, self.name_of(target), node.value) for target in node.targets)
        for annotated in self.nodes(ast.AnnAssign):
            if annotated.value is not None:
                yield annotated, self.name_of(annotated.target), annotated.value

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """From the parent of `node` up to the module."""
        while (parent := self._parent.get(node)) is not None:
            yield parent
            node = parent

    def function_around(self, node: ast.AST) -> Function | ast.Lambda | None:
        """The innermost function whose body `node` runs in."""
        inside = (up for up in self.ancestors(node) if isinstance(up, Function | ast.Lambda))
        return next(inside, None)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Everything that the file imports, at any depth; relative imports are resolved."""
        found = [
            Import(alias.name, None, node.lineno) for node in self.nodes(ast.Import) for alias in node.names
        ]
        for origin in self.nodes(ast.ImportFrom):
            module = self._absolute(origin)
            found += [Import(module, alias.name, origin.lineno) for alias in origin.names]
        return tuple(sorted(found, key=lambda item: item.line))

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = module_of(self.path).split(".")
        keep = len(package) - node.level + (1 if self.path.endswith("/__init__.py") else 0)
        return ".".join([*package[:keep], *((node.module,) if node.module else ())])

    @cached_property
    def _names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for node in self.nodes(ast.Import):
            for alias in node.names:
                top = alias.name if alias.asname else alias.name.partition(".")[0]
                names[alias.asname or top] = top
        for origin in self.nodes(ast.ImportFrom):
            module = self._absolute(origin)
            names |= {alias.asname or alias.name: f"{module}.{alias.name}" for alias in origin.names}
        return names

    def name_of(self, node: ast.AST | None) -> str:
        """The dotted name that an expression stands for, import aliases resolved; empty when it is no plain name."""
        if isinstance(node, ast.Name):
            return self._names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            owner = self.name_of(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        return ""

    def is_from(self, node: ast.AST, package: str, *names: str) -> bool:
        """Whether an expression is one of `names` of `package` or of one of its submodules."""
        owner, _, last = self.name_of(node).rpartition(".")
        return last in names and (owner == package or owner.startswith(f"{package}."))


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a keyword argument, or None."""
    return next((item.value for item in call.keywords if item.arg == name), None)


def constant(node: ast.AST | None) -> object:
    """The value of a literal; None for anything that is not one."""
    return node.value if isinstance(node, ast.Constant) else None


def receiver(call: ast.Call) -> ast.expr | None:
    """What a method is called on: `a.b` in `a.b.c()`."""
    return call.func.value if isinstance(call.func, ast.Attribute) else None


SESSION_NAMES = frozenset({"session", "db", "connection", "conn"})


def is_session(source: SourceFile, node: ast.AST | None) -> bool:
    """Whether an expression is a database session by its name (`session`, `self.session`, `unit.session`)."""
    last = source.name_of(node).rpartition(".")[2].lstrip("_")
    return last in SESSION_NAMES or last.endswith("_session")
