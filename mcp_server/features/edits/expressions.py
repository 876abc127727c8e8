"""Expressions as elements."""

import ast
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from mcp_server.features.edits.source import Placed, Source
from mcp_server.features.edits.tree import Element, Part, Run, Style

Span = tuple[int, int]
Node = TypeVar("Node", bound=Placed)
_OPEN, _CLOSE = "([{", ")]}"


def expression(source: Source, node: ast.expr, span: Span) -> Element:
    """An expression from `span`, which is wider than the node where parentheses belong to it."""
    start, end = span
    kind, form = type(node).__name__, _form(node)
    if isinstance(node, ast.List | ast.Set | ast.Tuple):
        bare = isinstance(node, ast.Tuple) and not _parenthesised(source, node)
        kind, form = ("bare tuple", len(node.elts)) if bare else ("elements", kind)
    return Element(source, kind, start, end, (node,), form=form, split=lambda: _parts(source, node, kind))


def _form(node: ast.expr) -> Hashable:
    """What makes two expressions of one type differ, besides the expressions inside them."""
    if isinstance(node, ast.Call | ast.Subscript | ast.Dict):
        return None
    found: list[Hashable] = []
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.expr) or name == "ctx":
            continue
        if isinstance(value, list):
            found.extend("" if isinstance(each, ast.expr) else ast.dump(each) for each in value)
        else:
            found.append(ast.dump(value) if isinstance(value, ast.AST) else (type(value), value))
    return tuple(found)


def _parts(source: Source, node: ast.expr, kind: str) -> Sequence[Part]:
    start, end = source.start(node), source.end(node)
    match node:
        case ast.Constant() | ast.JoinedStr() | ast.Name():
            return ()
        case ast.List() | ast.Set() | ast.Tuple() if kind == "elements":
            style: Style = "tuple" if isinstance(node, ast.Tuple) else "commas"
            return (run(source, style, start + 1, end - 1, node.elts),)
        case ast.Dict():
            return (_entries(source, node, start + 1, end - 1),)
        case ast.Call():
            function = _first(source, node.func, start, end)
            opening = source.find("(", function.end, end)
            arguments: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
            if any(source.start(each) <= opening for each in arguments):
                return ()  # a lone generator, which shares its parentheses with the call
            return (function, run(source, "arguments", opening + 1, end - 1, arguments))
        case ast.Subscript():
            value = _first(source, node.value, start, end)
            opening = source.find("[", value.end, end)
            inner = node.slice
            several = isinstance(inner, ast.Tuple) and not _parenthesised(source, inner)
            items = inner.elts if several and isinstance(inner, ast.Tuple) else [inner]
            return (value, run(source, "subscript", opening + 1, end - 1, items))
        case _:
            return slots(source, start, end, (each for each in _children(node)))


def _children(node: ast.AST) -> Iterator[ast.expr]:
    return (each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr))


def _first(source: Source, node: ast.expr, start: int, end: int) -> Element:
    return slots(source, start, end, (node,))[0]


def slots(source: Source, start: int, end: int, nodes: Iterable[ast.expr]) -> list[Element]:
    """Expressions that stand between `start` and `end` in any order, each with the parentheses around it."""
    found: list[Element] = []
    for node in sorted(nodes, key=source.start):
        span = _with_parentheses(source, node, found[-1].end if found else start, end)
        found.append(expression(source, node, span))
    return found


def _with_parentheses(source: Source, node: ast.expr, low: int, high: int) -> Span:
    first, last = source.start(node), source.end(node)
    opened: list[int] = []
    at = low
    while (at := source.skip(at, first)) < first:
        if source.text[at] == "(":
            opened.append(at)
        else:
            opened.clear()
        at += 1
    while opened and (at := source.skip(last, high)) < high and source.text[at] == ")":
        first, last = opened.pop(), at + 1
    return first, last


def _parenthesised(source: Source, node: ast.Tuple) -> bool:
    """Whether the parentheses that the text begins and ends with are those of the tuple."""
    start, end = source.start(node), source.end(node)
    if not node.elts:
        return True
    first = node.elts[0]
    return start < source.start(first) and _with_parentheses(source, first, start, end)[0] > start


def run(source: Source, style: Style, start: int, end: int, nodes: Sequence[ast.expr | ast.keyword]) -> Run:
    """Expressions and keyword arguments with commas between them."""
    items = []
    for first, last, inside in pieces(source, start, end, nodes):
        (node,) = inside
        if isinstance(node, ast.keyword):
            items.append(_keyword(source, node, first, last))
        else:
            items.append(expression(source, node, (first, last)))
    return Run(source, style, start, end, items)


def _keyword(source: Source, node: ast.keyword, start: int, end: int) -> Element:
    name = None if node.arg is None else ("argument", node.arg)
    split = lambda: slots(source, start, end, (node.value,))  # noqa: E731 -- one of many, passed on at once
    return Element(source, "keyword", start, end, (node,), form=node.arg, name=name, split=split)


def _entries(source: Source, node: ast.Dict, start: int, end: int) -> Run:
    inner = [each for pair in zip(node.keys, node.values, strict=True) for each in pair if each is not None]
    items = []
    for first, last, inside in pieces(source, start, end, inner):
        items.append(_entry(source, first, last, inside))
    return Run(source, "commas", start, end, items)


def _entry(source: Source, start: int, end: int, nodes: Sequence[ast.expr]) -> Element:
    if len(nodes) == 1:  # **mapping
        return Element(source, "unpacked", start, end, tuple(nodes))
    name = ("entry", ast.dump(nodes[0]))
    return Element(
        source, "entry", start, end, tuple(nodes), name=name, split=lambda: slots(source, start, end, nodes)
    )


def pieces(
    source: Source, start: int, end: int, nodes: Sequence[Node]
) -> Iterator[tuple[int, int, list[Node]]]:
    """What stands between the commas of a bracket: from, to, and which of the nodes, given in any order."""
    places = {source.start(node): node for node in nodes}
    at, first, last, depth = start, -1, -1, 0
    inside: list[Node] = []
    while (at := source.skip(at, end)) < end:
        node = places.get(at)
        character = source.text[at]
        if node is None and character == "," and depth == 0:
            yield first, last, inside
            first, inside = -1, []
            at += 1
            continue
        first = at if first < 0 else first
        if node is not None:
            inside.append(node)
            at = source.end(node)
        else:
            depth += (character in _OPEN) - (character in _CLOSE)
            at += 1
        last = at
    if first >= 0:
        yield first, last, inside
