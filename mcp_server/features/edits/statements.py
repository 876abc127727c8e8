"""Statements as elements."""

import ast
from collections.abc import Hashable, Iterator, Sequence
from itertools import groupby
from typing import Final

from mcp_server.features.edits.definitions import Function, definition, optional
from mcp_server.features.edits.expressions import pieces, slots
from mcp_server.features.edits.source import Source
from mcp_server.features.edits.tree import Element, Part, Run

IMPORTS: Final = "imports"


def module(source: Source) -> Element:
    """The whole file, as an element with one part: its statements."""
    body = block(source, source.tree.body)
    parts = () if body is None else (_with_imports(source, body),)
    return Element(source, "module", 0, len(source.text), (source.tree,), split=lambda: parts)


def _with_imports(source: Source, body: Run) -> Run:
    """The statements with each row of imports folded into one element."""
    items: list[Element] = []
    for imports, group in groupby(body.items, lambda item: item.kind in ("Import", "ImportFrom")):
        rows = list(group)
        items += [_folded(source, rows)] if imports else rows
    return Run(source, "block", body.start, body.end, items)


def _folded(source: Source, rows: Sequence[Element]) -> Element:
    inner = Run(source, "block", rows[0].start, rows[-1].end, rows)
    nodes = tuple(node for row in rows for node in row.nodes)
    return Element(source, IMPORTS, inner.start, inner.end, nodes, name=IMPORTS, split=lambda: (inner,))


def block(source: Source, statements: Sequence[ast.stmt]) -> Run | None:
    """The statements of a body; None where there are none, or they stand in the line that the body belongs to."""
    items = [_statement(source, node, first=number == 0) for number, node in enumerate(statements)]
    if not items or source.text[source.line_start(items[0].start) : items[0].start].strip():
        return None
    return Run(source, "block", items[0].start, items[-1].end, items)


def _statement(source: Source, node: ast.stmt, *, first: bool) -> Element:
    start, end = source.start(node), source.end(node)
    for decorator in getattr(node, "decorator_list", ()):
        start = min(start, source.text.rindex("@", 0, source.start(decorator)))
    rest = source.text[end : source.line_end(end)]
    if rest.lstrip().startswith("#"):
        end += len(rest.rstrip())
    kind, name = _identity(node, first)
    form = _form(node)
    return Element(source, kind, start, end, (node,), form, name, lambda: _parts(source, node, start))


def _identity(node: ast.stmt, first: bool) -> tuple[str, Hashable]:
    match node:
        case ast.ClassDef():
            return "class", ("definition", node.name)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return "function", ("definition", node.name)
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return "assignment", ("assignment", name)
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            return "assignment", ("assignment", ast.dump(target))
        case ast.Expr(value=ast.Constant(value=str())) if first:
            return "docstring", "docstring"
        case ast.If(test=head) | ast.While(test=head):
            return type(node).__name__, ("block", ast.dump(head))
        case ast.For(target=target, iter=head) | ast.AsyncFor(target=target, iter=head):
            return type(node).__name__, ("loop", ast.dump(target), ast.dump(head))
        case ast.With(items=items) | ast.AsyncWith(items=items):
            return type(node).__name__, ("with", *map(ast.dump, items))
        case _:
            return type(node).__name__, None


def _form(node: ast.stmt) -> Hashable:
    """What makes two statements of one kind differ, besides what is in their parts."""
    if isinstance(node, ast.ClassDef | Function):
        return tuple(ast.dump(each) for each in getattr(node, "type_params", ()))
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return len(node.targets) if isinstance(node, ast.Assign) else 1
    found: list[Hashable] = []
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.expr):
            found.append(name)
        elif isinstance(value, list):
            found.extend(_outline(name, value))
        else:
            found.append(ast.dump(value) if isinstance(value, ast.AST) else (name, value))
    return tuple(found)


def _outline(name: str, values: Sequence[ast.AST | str]) -> Iterator[Hashable]:
    for value in values:
        if isinstance(value, ast.alias):
            return  # a sequence of its own
        if isinstance(value, ast.stmt):
            yield name
            return  # how many there are is the business of the block
        if isinstance(value, ast.expr):
            yield name
        elif isinstance(value, ast.withitem):
            yield name, value.optional_vars is None
        else:
            yield ast.dump(value) if isinstance(value, ast.AST) else value


def _parts(source: Source, node: ast.stmt, start: int) -> Sequence[Part]:
    match node:
        case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            body = block(source, node.body)
            return () if body is None else definition(source, node, start, body)
        case ast.AnnAssign() | ast.Assign(targets=[_]):
            return _assignment(source, node)
        case ast.Import() | ast.ImportFrom():
            return (_imported(source, node),)
        case _:
            return _other(source, node)


def _other(source: Source, node: ast.stmt) -> Sequence[Part]:
    expressions: list[ast.expr] = []
    blocks: list[Run] = []
    for value in (value for _, value in ast.iter_fields(node)):
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.expr):
                expressions.append(each)
            elif isinstance(each, ast.withitem):
                expressions += [each.context_expr, *([each.optional_vars] if each.optional_vars else [])]
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            body = block(source, value)
            if body is None or _is_elif(source, value):
                return ()
            blocks.append(body)
    end = blocks[0].start if blocks else source.end(node)
    return [*slots(source, source.start(node), end, expressions), *blocks]


def _is_elif(source: Source, statements: Sequence[ast.stmt]) -> bool:
    return isinstance(statements[0], ast.If) and source.text.startswith("elif", source.start(statements[0]))


def _imported(source: Source, node: ast.Import | ast.ImportFrom) -> Run:
    start, end = source.start(node.names[0]), source.end(node.names[-1])
    if isinstance(node, ast.ImportFrom) and source.text[source.end(node) - 1] == ")":
        start, end = source.text.rindex("(", 0, start) + 1, source.end(node) - 1
    names = [
        Element(source, "name", first, last, tuple(inside), name=ast.dump(inside[0]))
        for first, last, inside in pieces(source, start, end, node.names)
    ]
    return Run(source, "commas", start, end, names)


def _assignment(source: Source, node: ast.Assign | ast.AnnAssign) -> Sequence[Part]:
    start, end = source.start(node), source.end(node)
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    annotation = node.annotation if isinstance(node, ast.AnnAssign) else None
    present = [each for each in (target, annotation, node.value) if each is not None]
    places = {id(each.nodes[0]): each for each in slots(source, start, end, present)}
    first = places[id(target)]
    middle = first.end if annotation is None else places[id(annotation)].end
    return (
        first,
        optional(source, "annotation", first.end, middle, places.get(id(annotation))),
        optional(source, "value", middle, end, places.get(id(node.value))),
    )
