"""Where source uses names: what a module defines, what its classes declare, and which lines of a file speak of that."""

import ast
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass

from mcp_server.workspace.syntax import parse


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """A line (from 1) that needs a name of a module, or, where `module` is empty, a member that may be of a class of it."""

    line: int
    name: str
    module: str = ""


def defined(module: ast.Module) -> set[str]:
    """What can be imported from a module."""
    found: set[str] = set()
    for node in module.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(each.asname or each.name).partition(".")[0] for each in node.names}
        else:
            found |= _bound(node)
    return found


def declared(module: ast.Module, without: Collection[str] = ()) -> set[str]:
    """The members of the classes of a module, `without` classes of these names."""
    classes = (node for node in ast.walk(module) if isinstance(node, ast.ClassDef))
    return {
        name for each in classes if each.name not in without for node in each.body for name in _bound(node)
    }


def uses(
    text: str, itself: str, gone: Mapping[str, Collection[str]], members: Collection[str], near: Set[str]
) -> Iterator[Use]:
    """The uses of names that modules are without (`gone`), and of `members` where they may be those of `near` modules.

    `itself` is the module that the text is of. A member may be an attribute, an argument or a key; it may be one of a near
    module all over such a module, and elsewhere in the functions, classes and other top-level statements that name
    something imported from one. Raises SyntaxError or ValueError where the text cannot be parsed.
    """
    tree = parse(text)
    targets = {name: target for node in ast.walk(tree) for name, target in _imported(node)}
    ours = {
        name for name, target in targets.items() if not near.isdisjoint({target, target.rpartition(".")[0]})
    }
    for top in tree.body:
        nodes = [*ast.walk(top)]
        about = itself in near or any(isinstance(each, ast.Name) and each.id in ours for each in nodes)
        for node in nodes:
            yield from _missing(node, itself, gone, targets)
            if about:
                yield from (Use(line, name) for line, name in _members(node) if name in members)


def _missing(
    node: ast.AST, itself: str, gone: Mapping[str, Collection[str]], targets: Mapping[str, str]
) -> Iterator[Use]:
    match node:
        case ast.ImportFrom(module=str(module), names=names):
            yield from (
                Use(each.lineno, each.name, module) for each in names if each.name in gone.get(module, ())
            )
        case ast.Name(id=name, ctx=ast.Load()) if name in gone.get(itself, ()):
            yield Use(node.lineno, name, itself)
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if name in gone.get(
            targets.get(owner, ""), ()
        ):
            yield Use(_last(node), name, targets[owner])


def _bound(node: ast.stmt) -> set[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return {name}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
        case ast.Assign(targets=targets):
            return {each.id for each in targets if isinstance(each, ast.Name)}
    return set()


def _imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Names and what they stand for: `module`, or `module.name`."""
    match node:
        case ast.ImportFrom(module=str(module), names=names):
            yield from ((each.asname or each.name, f"{module}.{each.name}") for each in names)
        case ast.Import(names=names):
            yield from ((each.asname or each.name.partition(".")[0], each.name) for each in names)


def _members(node: ast.AST) -> Iterator[tuple[int, str]]:
    """What a node names as an attribute, an argument or a key, and the line of that."""
    match node:
        case ast.Attribute(attr=name):
            yield _last(node), name
        case ast.keyword(arg=str(name)):
            yield node.lineno, name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            yield node.slice.lineno, name
        case ast.Dict(keys=keys):
            constants = (key for key in keys if isinstance(key, ast.Constant))
            yield from ((key.lineno, key.value) for key in constants if isinstance(key.value, str))


def _last(node: ast.expr) -> int:
    """Where an attribute has its name: a chain of calls goes over many lines."""
    return node.end_lineno or node.lineno
