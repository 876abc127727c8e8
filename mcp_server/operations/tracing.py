"""`kit feature trace`: the spec of a feature that was written by hand, and what that spec does not say."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from pydantic import TypeAdapter

from mcp_server.features.catalog import Catalog
from mcp_server.features.naming import Names, class_name
from mcp_server.features.problems import did_you_mean
from mcp_server.features.spec import FeatureSpec
from mcp_server.features.trace.gaps import Gap
from mcp_server.features.trace.own_names import own_names, own_places
from mcp_server.features.trace.trace import plural_of, trace
from mcp_server.inspection.contract import (
    Contract,
    Lists,
    Routes,
    addresses_of,
    lists_of,
    properties_of,
    routes_of,
)
from mcp_server.inspection.declared import declared_at
from mcp_server.inspection.mapped import MappedTable
from mcp_server.inspection.parts import Parts
from mcp_server.operations.context import Context
from mcp_server.operations.known_features import catalog_of
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.errors import InvalidInput, Problem
from mcp_server.workspace.layout import Layout, layouts
from mcp_server.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Trace:
    """`names`: what is called otherwise than the kit would call it, by kind or operation; `places`: the files that `layout`
    has for this feature alone, by artefact; `gaps`: what the spec does not say, or says otherwise; `hindrances`: why the
    kit could not extend the feature."""

    spec: FeatureSpec
    layout: Layout
    names: dict[str, str]
    places: Mapping[str, str]
    gaps: tuple[Problem, ...]
    hindrances: tuple[Problem, ...]

    def facts(self) -> dict[str, Any]:
        """For programs: the spec as `kit feature add --spec` takes it, whether the kit can extend it, and every gap."""
        return {
            "feature": self.spec.feature,
            "spec": self.spec.to_document(),
            "names": self.names,
            "places": self.places,
            "extendable": not self.hindrances,
            "gaps": [asdict(one) for one in (*self.hindrances, *self.gaps)],
        }


@dataclass(frozen=True, slots=True)
class _Model:
    """A mapped class in a file, and the feature that it is the table of."""

    feature: str
    path: str
    mapped: MappedTable

    def goes_by(self, name: str) -> bool:
        return name in (self.feature, self.mapped.model, self.mapped.table.name)


async def trace_feature(context: Context, name: str) -> Trace:
    """The spec of the feature, model class or table called `name`, read from the app as it is.

    Raises InvalidInput TRC001 where there is none, TRC002 where there are several; ChildFailed where the app does not import.
    """
    workspace, child = context.workspace, context.child
    found, document = await asyncio.gather(
        child.call("mcp_server.inspection.live_tables:tables"),
        child.call("mcp_server.inspection.live:openapi"),
    )
    tables = TypeAdapter(tuple[MappedTable, ...]).validate_python(found)
    model = _chosen(name, list(_models(workspace, tables)))
    mapped = model.mapped
    names = Names.of(model.feature, plural_of(model.feature, mapped.table))
    layout = next((one for one in layouts(workspace.layout) if one.path("model", names) == model.path), None)
    place = layout or workspace.layout
    addresses = addresses_of(document, names.path)
    parts = await _parts(child, addresses, mapped, place.module("schemas", names), names)
    places = own_places(names, parts, place, workspace.path_of)
    place = place.at(places)
    repository, service = (_text(workspace, place.path(each, names)) for each in ("repository", "service"))
    own, unkept = own_names(mapped.model, names, parts, place, service)
    lists = lists_of(repository, names.under(own).schema("Repository"))
    contract = _contract(parts, routes_of(document, addresses), lists)
    known = {
        key: one
        for key, one in catalog_of(workspace).features.items()
        if model.feature != key and mapped.table.name != one.table
    }
    others = [one for one in tables if one is not mapped]
    traced = trace(model.feature, mapped, others, contract, Catalog(known))
    gaps = [*traced.gaps, *unkept]
    if layout is None:
        reason = f"the model is not at {place.path('model', names)}, where the layout has it"
        gaps.append(Gap("TRC011", (), reason))
    told = partial(_problem, workspace, model)
    return Trace(
        traced.spec,
        place,
        own,
        places,
        gaps=tuple(told(gap) for gap in gaps if not gap.hinders),
        hindrances=(*(told(gap) for gap in gaps if gap.hinders), *traced.problems),
    )


async def _parts(
    child: WarmChild,
    addresses: Mapping[str, tuple[str, str]],
    mapped: MappedTable,
    schemas: str,
    names: Names,
) -> Parts:
    """What the routes at these addresses lead to; where none tells, the classes with the kit's `names` in `schemas`."""
    found = await child.call(
        "mcp_server.inspection.live_parts:parts",
        addresses=addresses,
        model=[mapped.model, mapped.module],
        schemas=schemas,
        usual={"body": names.schema("Create"), "answer": names.schema("Read")},
    )
    return TypeAdapter(Parts).validate_python(found)


def _contract(parts: Parts, routes: Routes | None, lists: Lists | None) -> Contract:
    return Contract(
        body=None if parts.body is None else properties_of(parts.body),
        answer=None if parts.answer is None else properties_of(parts.answer),
        description=parts.answer.get("description", "") if parts.answer else "",
        routes=routes,
        lists=lists,
    )


def _text(workspace: Workspace, path: str) -> str:
    """The file; empty where there is none."""
    return workspace.text(path) if workspace.read(path) is not None else ""


def _models(workspace: Workspace, tables: tuple[MappedTable, ...]) -> Iterator[_Model]:
    """Every class with a table. The class that has the name of its file is the feature's; others go by their own."""
    for mapped in tables:
        if mapped.model:
            path = workspace.path_of(mapped.module)
            names = (layout.name_in("model", path) for layout in layouts(workspace.layout))
            file = next(filter(None, names), None)
            own = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", mapped.model).lower()
            alone = sum(other.module == mapped.module and bool(other.model) for other in tables) == 1
            theirs = file is not None and (alone or class_name(file) == mapped.model)
            yield _Model(file if theirs and file else own, path, mapped)


def _chosen(name: str, models: list[_Model]) -> _Model:
    found = [model for model in models if model.goes_by(name)]
    if not found:
        known = [model.feature for model in models]
        raise InvalidInput(Problem("TRC001", name[:80], "there is no such model", did_you_mean(name, known)))
    if len(found) > 1:
        hint = f"Name one of them: {', '.join(model.mapped.model for model in found)}"
        raise InvalidInput(Problem("TRC002", name[:80], "several models go by this name", hint))
    return found[0]


def _problem(workspace: Workspace, model: _Model, gap: Gap) -> Problem:
    """The gap with the line that it is about."""
    where = declared_at(workspace, model.mapped.table.name, gap.names)
    place = f"{where[0]}:{where[1]}" if where else model.path
    about = f"{', '.join(gap.names)}: " if gap.names else ""
    return Problem(gap.code, place, f"{about}{gap.reason}", gap.hint)
