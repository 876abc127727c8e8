"""Routes of a router that was given a prefix by hand: the file has only what follows it, generated source whole paths."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from mcp_server.features.edits.conflicts import NOWHERE, Obstacle
from mcp_server.features.edits.source import Source

_ROUTER = "router"


class Prefix(NamedTuple):
    """What all paths of the router in a file begin with, and the line (from 1) that says so."""

    text: str
    line: int


class _Route(NamedTuple):
    function: ast.FunctionDef | ast.AsyncFunctionDef
    place: ast.Constant
    path: str


def prefix_of(module: ast.Module) -> Prefix | None:
    """The prefix of the module's router, where it has one that can be read."""
    for node in module.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(keywords=keywords))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(keywords=keywords))
            ) if name == _ROUTER:
                for each in keywords:
                    match each:
                        case ast.keyword(arg="prefix", value=ast.Constant(value=str(text))) if text:
                            return Prefix(text, node.lineno)
    return None


def below(prefix: Prefix, text: str) -> str:
    """A generated source with its paths as they are below the prefix; those that do not begin with it stay."""
    source = Source(text)
    for route in reversed([*_routes(source.tree)]):
        rest = _rest(route, prefix)
        if rest is not None:
            at = source.start(route.place)
            text = f'{text[:at]}"{rest}"{text[source.end(route.place) :]}'
    return text


def strays(prefix: Prefix, base: str, wanted: str) -> dict[str, Obstacle]:
    """What is in the way of the functions of new routes that cannot be below the prefix, by their names."""
    known = {route.function.name for route in _routes(Source(base).tree)}
    found = {}
    for route in _routes(Source(wanted).tree):
        name = route.function.name
        if name not in known and _rest(route, prefix) is None:
            reason = f"`{route.path}` does not begin with `{prefix.text}`, the prefix of `{_ROUTER}`"
            found[name] = Obstacle("EDT007", prefix.line, reason, NOWHERE, _span(route))
    return found


def without(text: str, names: dict[str, Obstacle]) -> str:
    """The source without these functions."""
    lines = text.splitlines(keepends=True)
    for route in reversed([*_routes(Source(text).tree)]):
        if route.function.name in names:
            start, end = _span(route)
            del lines[start:end]
    return "".join(lines)


def _routes(module: ast.Module) -> Iterator[_Route]:
    """The functions that are registered with the router, in order."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for each in node.decorator_list:
                match each:
                    case ast.Call(
                        func=ast.Attribute(value=ast.Name(id=owner)),
                        args=[ast.Constant(value=str(path)) as place, *_],
                    ) if owner == _ROUTER:
                        yield _Route(node, place, path)


def _rest(route: _Route, prefix: Prefix) -> str | None:
    rest = route.path.removeprefix(prefix.text)
    return rest if rest != route.path and rest[:1] in ("", "/") else None


def _span(route: _Route) -> tuple[int, int]:
    first = min(each.lineno for each in route.function.decorator_list)
    return first - 1, route.function.end_lineno or first
