"""Where the source declares a table, a column or a constraint. A line to look at, found without importing anything."""

import ast
from collections.abc import Iterator, Sequence

from mcp_server.inspection.source import models
from mcp_server.workspace import syntax
from mcp_server.workspace.layout import layouts
from mcp_server.workspace.workspace import Workspace


def declared_at(workspace: Workspace, table: str, names: Sequence[str]) -> tuple[str, int] | None:
    """File and line (from 1) of what is called `names` in the model of a table: its columns, or one constraint.

    The line of the model where it spells no such names (a mixin may); None for a table without a model.
    """
    for path, node in _declarations(workspace, table):
        return path, _line(node, table, names)
    return None


def _declarations(workspace: Workspace, table: str) -> Iterator[tuple[str, ast.ClassDef | ast.Call]]:
    """The class of the table, or the call of `Table` that makes it."""
    for model in models(workspace):
        if model.table == table:
            tree = syntax.parse(workspace.text(model.path))
            named = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == model.name)
            yield from ((model.path, node) for node in named)
    globs = (layout.glob("model") for layout in layouts(workspace.layout))
    for path in workspace.source_files(*globs):
        text = workspace.text(path)
        if table in text:
            calls = (node for node in ast.walk(syntax.parse(text)) if isinstance(node, ast.Call))
            yield from (
                (path, call) for call in calls if _callee(call) == "Table" and table in _texts(call.args)
            )


def _line(node: ast.ClassDef | ast.Call, table: str, names: Sequence[str]) -> int:
    columns = dict(_columns(node))
    if len(names) == 1 and names[0] in columns:
        return columns[names[0]]
    # A convention puts the kind and the table before the name that the model gives.
    own = [one.partition(f"_{table}_")[2] for one in names]
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and call is not node and names:
            named = _texts([word.value for word in call.keywords if word.arg == "name"])
            if _texts(call.args) >= set(names) or named & {*names, *own}:
                return call.lineno
    return next((columns[one] for one in own if one in columns), node.lineno)


def _columns(node: ast.ClassDef | ast.Call) -> Iterator[tuple[str, int]]:
    for statement in getattr(node, "body", ()):
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                yield from ((one, statement.lineno) for one in (name, name.removesuffix("_")))


def _callee(call: ast.Call) -> str:
    """`Table` of both `Table(...)` and `sa.Table(...)`."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _texts(nodes: Sequence[ast.expr]) -> set[str]:
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
