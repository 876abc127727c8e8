"""Where source uses names: what a module defines, what its classes declare, and which lines of a file speak of that."""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from mcp_server.workspace.syntax import parse

_SQL = re.compile(
    r"\bSELECT\b.*\bFROM\b|\bUPDATE\b.*\bSET\b|\b(INSERT\s+INTO|DELETE\s+FROM|ORDER\s+BY)\b", re.DOTALL
)


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
            found |= bound(node)
    return found


def defined_in(text: str) -> set[str]:
    """What can be imported from a module of this source; nothing while it is no Python."""
    try:
        return defined(parse(text))
    except SyntaxError:
        return set()


def declared(module: ast.Module, without: Collection[str] = ()) -> set[str]:
    """The members of the classes of a module, `without` classes of these names."""
    classes = (node for node in ast.walk(module) if isinstance(node, ast.ClassDef))
    return {
        name for each in classes if each.name not in without for node in each.body for name in bound(node)
    }


def inherited(before: ast.Module, after: ast.Module, members: Collection[str]) -> Iterator[Use]:
    """The lines of `after` that declare what a class declared `before` and now has from another class of the module."""
    classes = {each.name: each for each in after.body if isinstance(each, ast.ClassDef)}
    for each in before.body:
        if isinstance(each, ast.ClassDef) and each.name in classes:
            mine = {name for node in each.body for name in bound(node)} & {*members}
            for one in _bases(classes[each.name], classes):
                yield from (Use(node.lineno, name) for node in one.body for name in bound(node) & mine)


def _bases(node: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> Iterator[ast.ClassDef]:
    """The classes of the module above one of them; `classes` are those by name."""
    found, pending = {node.name}, [node]
    while pending:
        names = {each.id for each in pending.pop().bases if isinstance(each, ast.Name)} & classes.keys()
        for name in sorted(names - found):
            yield classes[name]
            pending.append(classes[name])
        found |= names


def uses(
    text: str, itself: str, gone: Mapping[str, Collection[str]], members: Collection[str], near: Set[str]
) -> Iterator[Use]:
    """The uses of names that modules are without (`gone`), and of `members` where they may be those of `near` modules.

    `itself` is the module that the text is of. A member may be an attribute, an argument, a key, or a text that is handed
    to a call or looked for (`field_validator("price")`, `"price" in values`). It may be one of a near module all over such
    a module, its SQL included, and elsewhere in the functions, classes and other top-level statements that name something
    imported from one; but not of an object that is annotated as another class of the same package. Raises SyntaxError
    where the text cannot be parsed.
    """
    tree = parse(text)
    targets = {name: target for node in ast.walk(tree) for name, target in _imported(node)}
    ours = {
        name for name, target in targets.items() if not near.isdisjoint({target, target.rpartition(".")[0]})
    }
    packages = {module.partition(".")[0] for module in near}
    others = {name for name, target in targets.items() if target.partition(".")[0] in packages} - ours
    for top in tree.body:
        nodes = [*ast.walk(top)]
        about = itself in near or any(isinstance(each, ast.Name) and each.id in ours for each in nodes)
        strange = {id(node) for each in nodes for node in _strange(each, ours, others)} if about else set()
        for node in nodes:
            yield from _missing(node, itself, gone, targets)
            if about and id(node) not in strange:
                found = [*_members(node), *(_in_sql(node) if itself in near else ())]
                yield from (Use(line, name) for line, name in found if name in members)


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


def _strange(node: ast.AST, ours: Set[str], others: Set[str]) -> Iterator[ast.AST]:
    """Attributes of arguments that are said to be of other classes, and what such a class is made with."""
    match node:
        case ast.FunctionDef(args=args) | ast.AsyncFunctionDef(args=args):
            every = [*args.posonlyargs, *args.args, *args.kwonlyargs]
            named = {each.arg: _names(each.annotation) for each in every if each.annotation}
            strangers = {name for name, said in named.items() if said & others and not said & ours}
            for each in ast.walk(node):
                match each:
                    case ast.Attribute(value=ast.Name(id=owner)) if owner in strangers:
                        yield each
        case ast.Call(func=ast.Name(id=name), keywords=keywords) if name in others and name[0].isupper():
            yield from keywords


def _names(annotation: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(annotation) if isinstance(each, ast.Name)}


def bound(node: ast.stmt) -> set[str]:
    """The names that a statement gives the module or class that it is in; imports aside."""
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
    """What a node names as an attribute, an argument, a key or a text that is handed on, and the line of that."""
    match node:
        case ast.Attribute(attr=name):
            yield _last(node), name
        case ast.keyword(arg=str(name)):
            yield node.lineno, name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            yield node.slice.lineno, name
        case ast.Call(args=texts) | ast.Dict(keys=texts) | ast.Set(elts=texts):
            yield from _constants(texts)
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn(), *_]):
            yield from _constants([left])


def _constants(nodes: Iterable[ast.expr | None]) -> Iterator[tuple[int, str]]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def _in_sql(node: ast.AST) -> Iterator[tuple[int, str]]:
    """The words of a text that is SQL, with its first line."""
    match node:
        case ast.Constant(value=str(text)) if _SQL.search(text):
            yield from ((node.lineno, word) for word in re.findall(r"\w+", text))
        case ast.Call(func=ast.Name(id="CheckConstraint" | "text"), args=[ast.Constant(value=str(text)), *_]):
            yield from ((node.lineno, word) for word in re.findall(r"\w+", text))


def _last(node: ast.expr) -> int:
    """Where an attribute has its name: a chain of calls goes over many lines."""
    return node.end_lineno or node.lineno
