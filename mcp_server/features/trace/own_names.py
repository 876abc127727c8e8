"""What the classes and routes of a feature are called, and where they are, if the kit would have it otherwise."""

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase

from mcp_server.features.naming import CLASS_KINDS, Names
from mcp_server.features.trace.gaps import Gap
from mcp_server.inspection.contract import attribute_of
from mcp_server.inspection.parts import SHOWING, Operation, Part, Parts
from mcp_server.workspace.layout import Artefact, Layout


def own_places(names: Names, parts: Parts, layout: Layout, path_of: Callable[[str], str]) -> dict[str, str]:
    """The paths of those artefacts whose parts are all in one file that the layout does not have for them.

    `path_of` leads from a module to its file.
    """
    paths: dict[Artefact, set[str]] = {}
    for kind, artefact, part in _classes(parts, layout):
        if kind not in ("Page", "Query"):  # those of all features may do
            paths.setdefault(artefact, set()).add(path_of(part.module))
    paths["endpoints"] = {path_of(one.function.module) for one in parts.operations.values()}
    return {
        artefact: path
        for artefact, (path, *more) in ((key, [*each]) for key, each in paths.items() if each)
        if not more and path != layout.path(artefact, names)
    }


def own_names(
    model: str, names: Names, parts: Parts, layout: Layout, service: str
) -> tuple[dict[str, str], list[Gap]]:
    """Names by the kind of a class (`Model`, `Create`), the operation of a route (`list`) or, for the attribute of the
    service that holds the repository, `rows`; and what the kit cannot edit.

    `model` is the mapped class, `names` are those that the kit would choose, `service` is the text of the service's file.
    """
    found = {"Model": model} if model != names.model_class else {}
    names = names.under({**found})
    gaps: list[Gap] = []
    for kind, artefact, part in _classes(parts, layout):
        theirs, module = part.name, layout.module(artefact, names)
        usual = {names.schema(other) for other in CLASS_KINDS if other != kind}
        if part.module != module:
            gaps.append(Gap("TRC024", (), f"{theirs} is in {part.module}; the kit edits {module}"))
        elif theirs in usual:
            reason = f"{theirs}, the kit's {names.schema(kind)}, has the name of another of the kit's classes"
            gaps.append(Gap("TRC011", (), reason))
        elif theirs in found.values():
            reason = f"{theirs} is of several uses, for which the kit has several classes"
            gaps.append(Gap("TRC024", (), reason))
        elif theirs != names.schema(kind):
            found[kind] = theirs
    for name, one in parts.operations.items():
        function, module = one.function, layout.module("endpoints", names)
        if function.module == module and function.name != names.function(name):
            found[name] = function.name
    final = names.under(found)
    rows = attribute_of(service, final.schema("Service"), final.schema("Repository"))
    if rows is not None and rows != names.plural:
        found["rows"] = rows
    return found, [*gaps, *_besides(parts.operations)]


def _classes(parts: Parts, layout: Layout) -> Iterator[tuple[str, Artefact, Part]]:
    """Kind, artefact and class, of those that the kit has a kind for."""
    by_name = parts.operations
    listed = by_name.get("list")
    page = listed.answer if listed and listed.answer != listed.row else None
    services = [one for one in parts.imported if fnmatchcase(one.module, layout.modules("service"))]
    found: list[tuple[str, Artefact, Part | None]] = [
        ("Create", "schemas", next(_bodies(by_name), None)),
        ("Update", "schemas", by_name["update"].body if "update" in by_name else None),
        ("Bulk", "schemas", by_name["bulk_create"].body if "bulk_create" in by_name else None),
        ("Read", "schemas", next(_rows(by_name), None)),
        ("Page", "schemas", page if page and page.name.isidentifier() else None),
        ("Query", "schemas", listed.query if listed else None),
        ("Record", "repository", parts.record),
        ("Repository", "repository", parts.repository),
        ("Service", "service", services[0] if len(services) == 1 else None),
    ]
    yield from ((kind, artefact, part) for kind, artefact, part in found if part is not None)


def _bodies(operations: Mapping[str, Operation]) -> Iterator[Part]:
    found = (operations[name].body for name in ("create", "replace") if name in operations)
    yield from (one for one in found if one is not None)


def _rows(operations: Mapping[str, Operation]) -> Iterator[Part]:
    found = (operations[name].row for name in SHOWING if name in operations)
    yield from (one for one in found if one is not None)


def _besides(operations: Mapping[str, Operation]) -> Iterator[Gap]:
    """Bodies and rows that have a second class."""
    for what, found in (("take", _bodies(operations)), ("show", _rows(operations))):
        for one in list(dict.fromkeys(found))[1:]:
            yield Gap("TRC024", (), f"routes also {what} {one.name}, which the kit does not edit")
