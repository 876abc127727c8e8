"""The CHECKs, unique rules and indexes of a table as what a spec says of its fields."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from mcp_server.features.catalog import Catalog
from mcp_server.features.indexes import serves
from mcp_server.features.spec import NUMBER_TYPES, FeatureSpec, FieldSpec
from mcp_server.features.tables import table_of
from mcp_server.features.trace.gaps import Gap
from mcp_server.features.values import to_number
from mcp_server.schema.table import Check, Table

_NAME = r'(?:\w+\.)?["`]?(\w+)["`]?'
_NUMBER = r"\(?([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\)?"
_COMPARISON: Final = re.compile(rf"\(?{_NAME}\s*(>=|<=|>|<)\s*{_NUMBER}\)?")
_BETWEEN: Final = re.compile(rf"\(?{_NAME}\s+between\s+{_NUMBER}\s+and\s+{_NUMBER}\)?", re.IGNORECASE)
_AND: Final = re.compile(r"\s+and\s+", re.IGNORECASE)
_BOUNDS: Final = {">=": "ge", ">": "gt", "<=": "le", "<": "lt"}


def with_bounds(fields: list[FieldSpec], checks: tuple[Check, ...]) -> tuple[list[FieldSpec], list[Gap]]:
    """The fields with the bounds that the CHECKs say, and the CHECKs that say something else."""
    found = {field.name: field for field in fields}
    gaps = []
    for check in checks:
        limits = list(_limits(check.sql))
        named = {name for name, _, _ in limits}
        usable = [found[name] for name in named if name in found and found[name].type.name in NUMBER_TYPES]
        free = all(getattr(field, bound) is None for field in usable for _, bound, _ in limits)
        if not limits or len(usable) != len(named) or not free:
            gaps.append(Gap("TRC022", (check.name or check.sql,), f"the CHECK {check.sql}"))
            continue
        bounded = dict(found)
        try:
            for name, bound, number in limits:
                value = to_number(bounded[name].type, number)
                bounded[name] = replace(bounded[name], **{bound: value})  # type: ignore[arg-type]
        except ValueError as error:
            gaps.append(Gap("TRC022", (check.name or check.sql,), f"the CHECK {check.sql}: {error}"))
        else:
            found = bounded
    return list(found.values()), gaps


def _limits(sql: str) -> Iterator[tuple[str, str, str]]:
    """Column, bound and number of each comparison of a conjunction; nothing where it is more than that."""
    if between := _BETWEEN.fullmatch(sql.strip()):
        name, low, high = between.groups()
        yield from ((name, "ge", low), (name, "le", high))
        return
    parts = [_COMPARISON.fullmatch(part.strip()) for part in _AND.split(sql.strip())]
    if all(parts):
        yield from ((part[1], _BOUNDS[part[2]], part[3]) for part in parts if part)


def with_uniques(spec: FeatureSpec, table: Table, catalog: Catalog) -> tuple[FeatureSpec, list[Gap]]:
    """The spec with the unique rules of the table, and those that it cannot say."""
    names = _names(spec)
    rules = [(one.name, one.columns) for one in table.uniques]
    rules += [(one.name, one.columns) for one in table.indexes if one.unique]
    single: set[str] = set()
    groups: list[tuple[str, ...]] = []
    gaps = []
    for name, columns in rules:
        over = columns[:-1] if spec.soft_delete and columns[-1] == "deletion_id" else columns
        found = tuple(names[one] for one in over if one in names)
        if over == ("public_id",):
            continue
        if len(found) < len(over) or found == ("owner",):
            gaps.append(
                Gap("TRC022", (name or ", ".join(columns),), f"a unique rule over {', '.join(columns)}")
            )
        elif len(found) == 1:
            single.add(found[0])
        else:
            groups.append(found)
    fields = (replace(field, unique=field.name in single) for field in spec.fields)
    spec = replace(spec, fields=tuple(fields), unique=tuple(groups))
    for field in spec.fields:
        if field.unique and field.is_reference:
            spec = _one_or_ref(spec, field, table, catalog)
    return spec, gaps


def shown_in_rules(spec: FeatureSpec) -> tuple[FeatureSpec, list[Gap]]:
    """The spec without `secret` and `readonly` where a unique rule is over the field, which the language refuses."""
    grouped = {name for group in spec.unique for name in group}
    gaps = []
    fields = []
    for field in spec.fields:
        kept_back = (field.secret or field.readonly) and (field.unique or field.name in grouped)
        if kept_back:
            what = "answers do not show it" if field.secret else "bodies do not take it"
            gaps.append(Gap("TRC031", (field.column,), f"is unique and {what}; those of the spec do"))
        fields.append(replace(field, secret=False, readonly=False) if kept_back else field)
    return replace(spec, fields=tuple(fields)), gaps


def _one_or_ref(spec: FeatureSpec, field: FieldSpec, table: Table, catalog: Catalog) -> FeatureSpec:
    """A unique reference is a `one`, unless the indexes that lists get for it are not there."""
    one = replace(field, type=replace(field.type, name="one"), unique=False)
    other = replace(spec, fields=tuple(one if each is field else each for each in spec.fields))
    wanted = [index for index in table_of(other, catalog).indexes if index.columns[0] == field.column]
    there = [index.columns for index in table.indexes]
    served = all(any(serves(one, index.columns) for one in there) for index in wanted)
    return other if served else spec


def with_indexes(spec: FeatureSpec, table: Table, catalog: Catalog) -> tuple[FeatureSpec, list[Gap]]:
    """The spec with those indexes of the table that it would not get by itself, and those that it cannot say."""
    names = {**_names(spec), "created_at": "created_at", "updated_at": "updated_at"}
    plain = [index for index in table.indexes if not index.unique]
    sayable = {
        index.columns for index in plain if all(one.removeprefix("-") in names for one in index.columns)
    }
    declared: set[tuple[str, ...]] = set()
    found = spec
    # One that is declared can take the place of one that comes by itself, which then was declared as well.
    while missing := sayable - declared - {index.columns for index in table_of(found, catalog).indexes}:
        declared |= missing
        found = _with_declared(spec, [index.columns for index in plain if index.columns in declared], names)
    given = {index.columns for index in table_of(found, catalog).indexes}
    return found, [
        Gap("TRC022", (index.name,), f"an index over {', '.join(index.columns)}")
        for index in plain
        if index.columns not in given
    ]


def _with_declared(
    spec: FeatureSpec, indexes: Iterable[tuple[str, ...]], names: Mapping[str, str]
) -> FeatureSpec:
    alone = {field.column for field in spec.columns if not field.unique and field.type.name != "one"}
    single = [columns[0] for columns in indexes if len(columns) == 1 and columns[0] in alone]
    groups = [
        tuple("-" * one.startswith("-") + names[one.removeprefix("-")] for one in columns)
        for columns in indexes
        if columns[0] not in single or len(columns) > 1
    ]
    groups.sort(key=lambda group: any(name.startswith("-") for name in group))  # as a model has them
    fields = tuple(replace(field, index=field.column in single) for field in spec.fields)
    return replace(spec, fields=fields, indexes=tuple(groups))


def _names(spec: FeatureSpec) -> Mapping[str, str]:
    """Column to what a rule calls it."""
    owner = {"owner_id": "owner"} if spec.owner else {}
    return {field.column: field.name for field in spec.columns} | owner
