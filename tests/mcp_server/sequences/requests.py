"""Requests to change a feature, drawn from what it is now: each is one that `extend_feature` has to carry out."""

from ast import literal_eval
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from mcp_server.features.backfill import fills_of
from mcp_server.features.catalog import Catalog
from mcp_server.features.check_lists import FILTERABLE, SORTABLE
from mcp_server.features.conversions import refuse_conversions
from mcp_server.features.evolve import Change, evolve
from mcp_server.features.samples import samples_of
from mcp_server.features.shorthand import format_field
from mcp_server.features.spec import OPERATIONS, PAGINATIONS, TEXT_LENGTH, TEXT_TYPES, FeatureSpec, FieldSpec
from mcp_server.features.validate import validate
from mcp_server.workspace.errors import InvalidInput
from tests.mcp_server.features.strategies import PLAIN_NAMES, list_fields, reference_fields, scalar_fields

Request = dict[str, Any]
Part = Callable[[st.DrawFn, FeatureSpec], Request]
_ABLE: Mapping[str, Collection[str]] = {"search": TEXT_TYPES, "filters": FILTERABLE, "sort": SORTABLE}


@st.composite
def extensions(
    draw: st.DrawFn, spec: FeatureSpec, catalog: Catalog, former: Collection[str], *, retyping: bool
) -> Request:
    """One to three things to do to a feature; empty where what was drawn would not be valid.

    `retyping`: fields may get another type as well, that the values of rows may not fit.
    """
    targets = [name for name, known in catalog.features.items() if known.referable and name != spec.feature]
    request: Request = {}
    for _ in range(draw(st.integers(1, 3))):
        part = draw(st.sampled_from([_adding(targets), _adding(targets), *_PARTS, *[_retype] * retyping]))
        longer = {**request, **part(draw, spec)}
        filled = _filled(spec, longer, catalog, former)
        if filled and _is_valid(spec, filled, catalog, former):
            request = longer
    return _filled(spec, request, catalog, former) or {}


@st.composite
def renames(draw: st.DrawFn, spec: FeatureSpec, catalog: Catalog, former: Collection[str]) -> Request:
    """New names for one or two fields; empty where what was drawn would not be valid."""
    request = _rename(draw, spec) | (_rename(draw, spec) if draw(st.booleans()) else {})
    return request if _is_valid(spec, request, catalog, former) else {}


def _adding(targets: list[str]) -> Part:
    def add(draw: st.DrawFn, spec: FeatureSpec) -> Request:
        fields = [_new(draw, name, targets) for name in draw(_free_names(spec))]
        return {"add": [format_field(field) for field in fields]}

    return add


def _new(draw: st.DrawFn, name: str, targets: list[str]) -> FieldSpec:
    kinds = [scalar_fields(name), scalar_fields(name), list_fields(name), reference_fields(name, targets)]
    field = draw(draw(st.sampled_from(kinds)))
    if field.is_reference:  # rows that are there would refer to nothing
        return replace(field, nullable=True)
    return replace(field, index=draw(st.booleans()) and field.type.name in ("int", "date", "uuid"))


def _free_names(spec: FeatureSpec) -> st.SearchStrategy[list[str]]:
    free = [name for name in PLAIN_NAMES if spec.field(name) is None]
    return st.lists(st.sampled_from(free), min_size=1, max_size=2, unique=True)


def _reshape(draw: st.DrawFn, spec: FeatureSpec) -> Request:
    """Another property of a field, that every value has."""
    new = draw(st.sampled_from(spec.fields))
    new = replace(new, description=draw(st.sampled_from(["", "Changed since."])))
    if new.type.name == "string" and draw(st.booleans()):
        new = replace(new, type=replace(new.type, max=min((new.type.max or 0) + 5, TEXT_LENGTH)))
    if not (new.is_links or new.unique or new.default is not None):
        new = replace(new, nullable=True, index=draw(st.booleans()) and new.index)
    return {"change": [format_field(new)]}


def _retype(draw: st.DrawFn, spec: FeatureSpec) -> Request:
    """Another type that values can be brought into, whether or not they fit."""
    able = [field.name for field in spec.fields if not (field.is_reference or field.is_links)]
    if not able:
        return {}
    return {"change": [format_field(draw(scalar_fields(draw(st.sampled_from(able)))))]}


def _rename(draw: st.DrawFn, spec: FeatureSpec) -> Request:
    able = [field.name for field in spec.fields]
    return {"rename": {draw(st.sampled_from(able)): draw(_free_names(spec))[0]}}


def _drop(draw: st.DrawFn, spec: FeatureSpec) -> Request:
    name = draw(st.sampled_from([field.name for field in spec.fields]))
    groups = {key: _speaking_of(name, getattr(spec, key)) for key in ("unique", "indexes")}
    exclude = {key: found for key, found in groups.items() if found}
    return {"drop": [name], **({"exclude": exclude} if exclude else {})}


def _speaking_of(name: str, groups: Collection[tuple[str, ...]]) -> list[list[str]]:
    return [list(group) for group in groups if name in {each.lstrip("-") for each in group}]


def _lists(draw: st.DrawFn, spec: FeatureSpec) -> Request:
    key = draw(st.sampled_from(sorted(_ABLE)))
    able = [field.name for field in spec.fields if field.type.name in _ABLE[key]]
    if not able:
        return {}
    name = draw(st.sampled_from(able))
    return {"exclude" if name in getattr(spec, key) else "include": {key: [name]}}


def _settings(draw: st.DrawFn, spec: FeatureSpec) -> Request:
    chosen = draw(st.sets(st.sampled_from(OPERATIONS), min_size=1))
    settings: list[Mapping[str, Any]] = [
        {"operations": [name for name in OPERATIONS if name in chosen], "access": {}},
        {"pagination": next(each for each in PAGINATIONS if each != spec.pagination)},
        {"description": draw(st.sampled_from(["", "Other than before."]))},
        {"soft_delete": not spec.soft_delete},
    ]
    return {"set": draw(st.sampled_from(settings))}


_PARTS: tuple[Part, ...] = (_reshape, _rename, _drop, _lists, _settings)


def _filled(spec: FeatureSpec, request: Request, catalog: Catalog, former: Collection[str]) -> Request | None:
    """The request with values for the rows that are there, where they need some; None where it cannot be carried out."""
    try:
        evolved = evolve(spec, Change(**request), former)
        if evolved.unread:
            return None
        refuse_conversions(spec, evolved.spec, evolved.renamed)
        fills_of(spec, evolved.spec, evolved.renamed, {}, catalog)
    except InvalidInput as error:
        needed = [problem.place for problem in error.problems if problem.code == "EXT005"]
        fields = (
            [field for field in evolved.spec.fields if field.name in needed and _is_fillable(field)]
            if needed
            else []
        )
        if not fields or len(fields) < len(error.problems):
            return None
        samples = samples_of(replace(evolved.spec, fields=tuple(fields)))
        return {**request, "fill": {field.name: literal_eval(samples[field.name].first) for field in fields}}
    return request


def _is_fillable(field: FieldSpec) -> bool:
    """Whether one value may stand in all rows, and its type is written in the field itself."""
    return not (field.unique or field.readonly or field.type.target)


def _is_valid(spec: FeatureSpec, request: Request, catalog: Catalog, former: Collection[str]) -> bool:
    try:
        arguments = {key: value for key, value in request.items() if key != "fill"}
        evolved = evolve(spec, Change(**arguments), former)
        refuse_conversions(spec, evolved.spec, evolved.renamed)
        fills_of(spec, evolved.spec, evolved.renamed, request.get("fill", {}), catalog)
    except InvalidInput:
        return False
    others = (known for name, known in catalog.features.items() if name != spec.feature)
    return not evolved.unread and not validate(evolved.spec, Catalog.of(*others))
