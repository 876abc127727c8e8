"""Classes and functions as parts: decorators, name, bases or parameters, what is returned, and the body."""

import ast
from collections.abc import Sequence

from mcp_server.features.edits.expressions import pieces, run, slots
from mcp_server.features.edits.source import Placed, Source
from mcp_server.features.edits.tree import Element, Part, Run

Function = ast.FunctionDef | ast.AsyncFunctionDef


def definition(source: Source, node: ast.ClassDef | Function, start: int, body: Run) -> Sequence[Part]:
    """The parts of a class or function whose decorators begin at `start`."""
    if isinstance(node, ast.ClassDef):
        return _class(source, node, start, body)
    return _function(source, node, start, body)


def optional(source: Source, kind: str, start: int, end: int, inner: Part | None) -> Element:
    """A part that may be missing; its text brings the punctuation along."""
    if inner is None:
        return Element(source, kind, start, end, form="missing")
    nodes = (
        inner.nodes if isinstance(inner, Element) else tuple(n for each in inner.items for n in each.nodes)
    )
    return Element(source, kind, start, end, nodes, form=kind, split=lambda: (inner,))


def _class(source: Source, node: ast.ClassDef, start: int, body: Run) -> Sequence[Part]:
    first = source.start(node)
    name = _identifier(source, first + len("class"), body.start)
    low = max([name.end, *(source.end(each) for each in getattr(node, "type_params", ()))])
    bases: list[ast.expr | ast.keyword] = [*node.bases, *node.keywords]
    opening, colon = source.find("(", low, body.start), source.find(":", low, body.start)
    if opening < colon:
        closing = _closing(source, opening, body.start, bases)
        inner = run(source, "commas", opening + 1, closing, bases)
        arguments = optional(source, "bases", opening, closing + 1, inner)
    else:
        arguments = optional(source, "bases", name.end, name.end, None)
    return (_decorators(source, node, start), name, arguments, body)


def _function(source: Source, node: Function, start: int, body: Run) -> Sequence[Part]:
    first = source.start(node)
    keyword = source.text.index("def", first)
    prefix = Element(source, "async", first, keyword)
    name = _identifier(source, keyword + len("def"), body.start)
    low = max([name.end, *(source.end(each) for each in getattr(node, "type_params", ()))])
    opening = source.find("(", low, body.start)
    spec = node.args
    inner: list[ast.arg | ast.expr] = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *spec.defaults]
    inner += [each for each in (spec.vararg, spec.kwarg, *spec.kw_defaults) if each is not None]
    closing = _closing(source, opening, body.start, inner)
    found = [_parameter(source, *piece, spec) for piece in pieces(source, opening + 1, closing, inner)]
    parameters = Run(source, "commas", opening + 1, closing, found)
    if node.returns is None:
        returns = optional(source, "returns", closing + 1, closing + 1, None)
    else:
        value = slots(source, closing + 1, body.start, [node.returns])[0]
        returns = optional(source, "returns", closing + 1, value.end, value)
    return (_decorators(source, node, start), prefix, name, parameters, returns, body)


def _closing(source: Source, opening: int, end: int, nodes: Sequence[Placed]) -> int:
    """Where the parenthesis that opens at `opening` closes, with the nodes in it."""
    at, depth = opening + 1, 0
    jumps = {source.start(each): source.end(each) for each in nodes}
    while (at := source.skip(at, end)) < end:
        character = source.text[at]
        if at in jumps:
            at = jumps[at]
            continue
        if character == ")" and depth == 0:
            return at
        depth += (character == "(") - (character == ")")
        at += 1
    return end


def _identifier(source: Source, at: int, end: int) -> Element:
    start = source.skip(at, end)
    stop = start
    while ("a" + source.text[stop]).isidentifier():
        stop += 1
    return Element(source, "identifier", start, stop)


def _parameter(
    source: Source, start: int, end: int, nodes: Sequence[ast.AST], spec: ast.arguments
) -> Element:
    if not nodes:  # the marks / and *
        return Element(source, "mark", start, end, name=("mark", source.text[start:end]))
    argument = next(each for each in nodes if isinstance(each, ast.arg))
    stars = "*" if argument is spec.vararg else "**" if argument is spec.kwarg else ""
    name = _identifier(source, source.start(argument), end)
    default = next((each for each in nodes if isinstance(each, ast.expr)), None)
    present = [each for each in (argument.annotation, default) if isinstance(each, ast.expr)]
    places = {id(each.nodes[0]): each for each in slots(source, name.end, end, present)}
    annotation = places.get(id(argument.annotation))
    middle = name.end if annotation is None else annotation.end
    parts = (
        name,
        optional(source, "annotation", name.end, middle, annotation),
        optional(source, "default", middle, end, places.get(id(default))),
    )
    identity = ("parameter", argument.arg)
    return Element(source, "parameter", start, end, tuple(nodes), stars, identity, lambda: parts)


def _decorators(source: Source, node: ast.ClassDef | Function, start: int) -> Run:
    found = [_decorator(source, each, start) for each in node.decorator_list]
    return Run(source, "decorators", start, source.start(node), found)


def _decorator(source: Source, node: ast.expr, start: int) -> Element:
    first = source.text.rindex("@", start, source.start(node))
    last = source.line_end(source.end(node))
    return Element(
        source, "decorator", first, last, (node,), split=lambda: slots(source, first + 1, last, [node])
    )
