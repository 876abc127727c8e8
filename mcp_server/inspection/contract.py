"""What the other files of a feature promise: its bodies, routes and lists, as far as they keep the shapes of the house."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mcp_server.workspace.syntax import parse

Properties = Mapping[str, Mapping[str, Any]]
"""JSON name to JSON schema, references resolved."""

_COLLECTION = {"get": "list", "post": "create"}
_ROW = {"get": "get", "put": "replace", "patch": "update", "delete": "delete"}


@dataclass(frozen=True, slots=True)
class Lists:
    """Keys of a repository's `filters` and `sorts`, and the attributes that it searches."""

    filters: tuple[str, ...]
    sorts: tuple[str, ...]
    search: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Routes:
    """Operation to the access that it asks for, whether the list has a cursor, and for each route below other rows the
    last part of its path, by the id of its operation."""

    access: Mapping[str, str]
    by_cursor: bool = False
    below: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contract:
    """None for what no file tells."""

    body: Properties | None = None
    answer: Properties | None = None
    description: str = ""
    routes: Routes | None = None
    lists: Lists | None = None


def properties_of(schema: Mapping[str, Any]) -> Properties:
    """The properties of an object's JSON schema; what they refer to is put beside what they say themselves."""
    definitions = schema.get("$defs", {})

    def resolved(one: Any) -> Any:
        if isinstance(one, list):
            return [resolved(each) for each in one]
        if not isinstance(one, Mapping):
            return one
        name = str(one.get("$ref", "")).rpartition("/")[2]
        own = {key: resolved(value) for key, value in one.items() if key != "$ref"}
        inner = {key: value for key, value in definitions.get(name, {}).items() if key in ("type", "enum")}
        return {**inner, **own}

    return {name: resolved(one) for name, one in schema.get("properties", {}).items()}


def addresses_of(document: Mapping[str, Any], path: str) -> dict[str, tuple[str, str]]:
    """Method and URL of each operation on the rows at `/<path>` that an OpenAPI document has."""
    paths: Mapping[str, Any] = document.get("paths", {})
    rows = _rows(paths, path)
    if rows is None:
        return {}
    places = [(rows, _COLLECTION), (f"{rows}/bulk", {"post": "bulk_create"})]
    places += [(url, _ROW) for url in paths if re.fullmatch(rf"{re.escape(rows)}/\{{\w+\}}", url)]
    return {
        name: (method, url)
        for url, names in places
        for method, name in names.items()
        if method in paths.get(url, {})
    }


def routes_of(document: Mapping[str, Any], addresses: Mapping[str, tuple[str, str]]) -> Routes | None:
    """The routes at these addresses of an OpenAPI document, and those below rows of others; None where there are none."""
    if not addresses:
        return None
    paths = document["paths"]
    operations = {name: paths[url][method] for name, (method, url) in addresses.items()}
    parameters = {one["name"] for one in operations.get("list", {}).get("parameters", ())}
    below = {
        str(operation.get("operationId", "")): url.rpartition("/")[2]
        for url, item in paths.items()
        if "{public_id}/" in url
        for operation in item.values()
    }
    access = {name: str(one.get("x-access", "authenticated")) for name, one in operations.items()}
    return Routes(access, "cursor" in parameters, below)


def _rows(paths: Mapping[str, Any], path: str) -> str | None:
    """The address of the rows that `path` is the last part of, where there is one."""
    bases = {re.sub(r"/(bulk|\{\w+\})$", "", url) for url in paths}
    known = [base for base in bases if re.fullmatch(rf"(/[^{{}}]*)?/{re.escape(path)}", base)]
    return min(known, key=lambda base: (len(base), base), default=None)


def lists_of(text: str, repository: str) -> Lists | None:
    """The lists of the class called `repository`, where it has `filters` or `sorts` as literal mappings; otherwise None."""
    for node in ast.walk(parse(text)):
        if isinstance(node, ast.ClassDef) and node.name == repository:
            found = dict(_mappings(node))
            if found:
                filters = found.get("filters", {})
                names = tuple(name for name in filters if name != "search")
                search = tuple(_attributes(filters["search"])) if "search" in filters else ()
                return Lists(names, tuple(found.get("sorts", {})), search)
    return None


def attribute_of(text: str, service: str, repository: str) -> str | None:
    """The attribute in which a class keeps the repository that it makes."""
    classes = (node for node in parse(text).body if isinstance(node, ast.ClassDef) and node.name == service)
    for node in (inner for each in classes for inner in ast.walk(each)):
        match node:
            case (
                ast.Assign(
                    targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)],
                    value=ast.Call(func=ast.Name(id=made)),
                )
                | ast.AnnAssign(
                    target=ast.Attribute(value=ast.Name(id="self"), attr=name),
                    value=ast.Call(func=ast.Name(id=made)),
                )
            ) if made == repository:
                return name
    return None


def _mappings(node: ast.ClassDef) -> Iterator[tuple[str, dict[str, ast.expr]]]:
    for statement in node.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id="filters" | "sorts" as name)], value=ast.Dict() as found)
                | ast.AnnAssign(target=ast.Name(id="filters" | "sorts" as name), value=ast.Dict() as found)
            ):
                pairs = zip(found.keys, found.values, strict=True)
                yield name, {key.value: value for key, value in pairs if isinstance(key, ast.Constant) and isinstance(key.value, str)}  # fmt: skip


def _attributes(node: ast.expr) -> Iterator[str]:
    """`name` and `text` of `contains("search", Product.name, Product.text)`."""
    if isinstance(node, ast.Call):
        yield from (one.attr for one in node.args if isinstance(one, ast.Attribute))
