"""Models, routes and features as the source states them. Imports nothing, so it answers when the app does not start.

What only running code can know (a path built from a variable) is left out here; `live` has it.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from mcp_server.workspace.layout import Artefact, layouts, module_of
from mcp_server.workspace.syntax import parse
from mcp_server.workspace.workspace import Workspace

METHODS = {"get", "post", "put", "patch", "delete", "head", "options"}


@dataclass(frozen=True, slots=True)
class Model:
    """A mapped class. `columns` are its own attributes in source order, not those of a mixin or base."""

    name: str
    table: str
    module: str
    path: str
    line: int
    columns: tuple[str, ...]
    feature: str


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint. `url` is the path below the router's mounting point, for example `/products/{public_id}`."""

    method: str
    url: str
    name: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Feature:
    """A set of files that carries one name; `files` maps artefacts to the paths that exist."""

    name: str
    files: dict[str, str]


def models(workspace: Workspace) -> tuple[Model, ...]:
    """Every class with a `__tablename__` in the model files of the layout, by table."""
    texts = workspace.texts(*_globs(workspace, "model"))
    named = _named(workspace, "model", texts)
    found = (model for feature, path in named for model in _models(feature, path, texts[path]))
    return tuple(sorted(found, key=lambda model: model.table))


@lru_cache(maxsize=1024)
def _models(feature: str, path: str, text: str) -> tuple[Model, ...]:
    """The mapped classes of one file; read once per content, for a workspace has many that rarely change."""
    classes = (node for node in _body(text) if isinstance(node, ast.ClassDef))
    tables = ((node, _text(_assigned(node, "__tablename__"))) for node in classes)
    return tuple(
        Model(node.name, table, module_of(path), path, node.lineno, tuple(_columns(node)), feature)
        for node, table in tables
        if table is not None
    )


def routes(workspace: Workspace) -> tuple[Route, ...]:
    """Every decorated endpoint in the endpoint files of the layout, by file and line."""
    return tuple(route for path in _files(workspace, "endpoints") for route in _routes(workspace, path))


def features(workspace: Workspace) -> tuple[Feature, ...]:
    """Every name that has a model and a service, by name."""
    found = {
        artefact: dict(_named(workspace, artefact, _files(workspace, artefact)))
        for artefact in ("model", "schemas", "repository", "service")
    }
    names = sorted(found["model"].keys() & found["service"].keys())
    return tuple(
        Feature(name, {artefact: paths[name] for artefact, paths in found.items() if name in paths})
        for name in names
    )


def _files(workspace: Workspace, artefact: Artefact) -> list[str]:
    return workspace.source_files(*_globs(workspace, artefact))


def _globs(workspace: Workspace, artefact: Artefact) -> Iterator[str]:
    return (layout.glob(artefact) for layout in layouts(workspace.layout))


def _named(workspace: Workspace, artefact: Artefact, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Feature and path of every file of this kind, in whichever layout it was made."""
    known = layouts(workspace.layout)
    for path in paths:
        names = (layout.name_in(artefact, path) for layout in known)
        if name := next(filter(None, names), None):
            yield name, path


def _body(text: str) -> list[ast.stmt]:
    """The statements of a file; none while it does not parse, which the gates report."""
    try:
        return parse(text).body
    except SyntaxError:
        return []


def _assigned(node: ast.ClassDef, name: str) -> ast.expr | None:
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                return value
            case ast.AnnAssign(target=ast.Name(id=found), value=value) if found == name:
                return value
    return None


def _columns(node: ast.ClassDef) -> Iterator[str]:
    """Attributes annotated with `Mapped[...]`, except relationships; the column's own name where one is given."""
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Subscript(value=mapped), value=value):
                if _last(mapped) != "Mapped":
                    continue
                call = value if isinstance(value, ast.Call) else None
                if call is not None and _last(call.func) == "relationship":
                    continue
                given = _text(call.args[0]) if call is not None and call.args else None
                yield given or name


def _routes(workspace: Workspace, path: str) -> Iterator[Route]:
    body = _body(workspace.text(path))
    prefixes = dict(_prefixes(body))
    for node in body:
        if not isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            match decorator:
                case ast.Call(func=ast.Attribute(value=router, attr=method), args=[first, *_]) if (
                    method in METHODS
                ):
                    url = _text(first)
                    if url is not None:
                        url = prefixes.get(_last(router), "") + url
                        yield Route(method.upper(), url, node.name, path, node.lineno)


def _prefixes(body: Iterable[ast.stmt]) -> Iterator[tuple[str, str]]:
    """The routers that a module makes, each with its `prefix=`."""
    for node in body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as call)
            ) if _last(call.func) == "APIRouter":
                given = (_text(word.value) for word in call.keywords if word.arg == "prefix")
                yield name, next(given, None) or ""


def _last(node: ast.expr) -> str:
    """`Mapped` of both `Mapped` and `orm.Mapped`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
