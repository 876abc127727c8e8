"""A drawn spec and what somebody makes of it later: what `extend` has to carry into edited files."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from mcp_server.features.catalog import Catalog
from mcp_server.features.check_lists import FILTERABLE, SORTABLE
from mcp_server.features.spec import OPERATIONS, TEXT_TYPES, FeatureSpec, FieldSpec
from mcp_server.features.validate import validate
from tests.mcp_server.features.strategies import PLAIN_NAMES, reference_fields, scalar_fields, specs


@st.composite
def changes(draw: st.DrawFn, catalog: Catalog) -> tuple[FeatureSpec, FeatureSpec]:
    """A spec and the same feature after one to three changes; both valid."""
    old = draw(specs(catalog))
    new = old
    for _ in range(draw(st.integers(1, 3))):
        new = draw(st.sampled_from(_CHANGES))(draw, new)
        if validate(new, catalog):
            return old, old
    return old, new


def _add(draw: st.DrawFn, spec: FeatureSpec) -> FeatureSpec:
    free = [name for name in PLAIN_NAMES if name not in {field.name for field in spec.fields}]
    name = draw(st.sampled_from(free))
    field = draw(scalar_fields(name) | reference_fields(name, ("category", "user")))
    at = draw(st.integers(0, len(spec.fields)))
    return replace(spec, fields=(*spec.fields[:at], field, *spec.fields[at:]))


def _drop(draw: st.DrawFn, spec: FeatureSpec) -> FeatureSpec:
    if len(spec.fields) == 1:
        return spec
    gone = draw(st.sampled_from(spec.fields))
    return _tidy(replace(spec, fields=tuple(field for field in spec.fields if field is not gone)))


def _rename(draw: st.DrawFn, spec: FeatureSpec) -> FeatureSpec:
    free = [name for name in PLAIN_NAMES if name not in {field.name for field in spec.fields}]
    old, new = draw(st.sampled_from(spec.fields)), draw(st.sampled_from(free))

    def named(names: Iterable[str]) -> tuple[str, ...]:
        found = (name.replace(old.name, new) if name.lstrip("-") == old.name else name for name in names)
        return tuple(found)

    return replace(
        spec,
        fields=tuple(replace(field, name=new) if field is old else field for field in spec.fields),
        unique=tuple(map(named, spec.unique)),
        indexes=tuple(map(named, spec.indexes)),
        search=named(spec.search),
        filters=named(spec.filters),
        sort=named(spec.sort),
    )


def _change(draw: st.DrawFn, spec: FeatureSpec) -> FeatureSpec:
    old = draw(st.sampled_from(spec.fields))
    new = draw(scalar_fields(old.name))
    return _tidy(replace(spec, fields=tuple(new if field is old else field for field in spec.fields)))


def _lists(draw: st.DrawFn, spec: FeatureSpec) -> FeatureSpec:
    return replace(
        spec,
        search=draw(_some(spec.fields, TEXT_TYPES)),
        filters=draw(_some([field for field in spec.fields if field.name != "limit"], FILTERABLE)),
        sort=draw(_some(spec.fields, SORTABLE)),
    )


def _operations(draw: st.DrawFn, spec: FeatureSpec) -> FeatureSpec:
    chosen = draw(st.sets(st.sampled_from(OPERATIONS), min_size=1))
    return replace(spec, operations=tuple(name for name in OPERATIONS if name in chosen), access=())


def _owner(draw: st.DrawFn, spec: FeatureSpec) -> FeatureSpec:
    owner, description = None if spec.owner else "user", draw(st.sampled_from(["", "Other"]))
    return replace(spec, owner=owner, description=description, unique=(), indexes=(), access=())


_CHANGES = (_add, _add, _drop, _rename, _change, _lists, _operations, _owner)


def _tidy(spec: FeatureSpec) -> FeatureSpec:
    """Without the constraints and entries that a dropped or changed field may have spoilt."""
    able = {field.name: field.type.name for field in spec.fields}
    return replace(
        spec,
        unique=(),
        indexes=(),
        search=tuple(name for name in spec.search if able.get(name) in TEXT_TYPES),
        filters=tuple(name for name in spec.filters if able.get(name) in FILTERABLE),
        sort=tuple(
            name
            for name in spec.sort
            if able.get(name, "datetime") in SORTABLE and (name in able or name.endswith("_at"))
        ),
    )


@st.composite
def _some(draw: st.DrawFn, fields: Sequence[FieldSpec], types: Sequence[str]) -> tuple[str, ...]:
    names = [field.name for field in fields if field.type.name in types]
    return tuple(draw(st.lists(st.sampled_from(names), unique=True))) if names else ()
