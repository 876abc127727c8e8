"""What the API and the database do with the fields: constraints, indexes, search, filters, sorting, operations."""

from collections.abc import Iterator
from typing import Final

from mcp_server.features.indexes import INDEX_BYTES, fits, width_of
from mcp_server.features.patterns import matching_texts
from mcp_server.features.problems import did_you_mean, problem, shown
from mcp_server.features.ranges import room
from mcp_server.features.reserved import QUERY_PARAMETERS
from mcp_server.features.spec import (
    ACCESS_LEVELS,
    NUMBER_TYPES,
    OPERATIONS,
    PAGINATIONS,
    TEXT_LENGTH,
    TEXT_TYPES,
    TIME_TYPES,
    UNREADABLE,
    WRITING_OPERATIONS,
    FeatureSpec,
    FieldSpec,
)
from mcp_server.workspace.errors import Problem

INDEX_COLUMNS: Final = 16
"""MySQL's limit; PostgreSQL's is 32."""
ROWS: Final = 5
"""A unique rule that allows fewer rows than this is taken for a mistake; the generated tests make up to four."""

_EQUAL: Final = ("string", "email", "url", "bool", "uuid", "enum", "ref", "one")
FILTERABLE: Final = (*_EQUAL, "many", *NUMBER_TYPES, *TIME_TYPES)
SORTABLE: Final = ("string", "email", "url", "bool", "uuid", "enum", *NUMBER_TYPES, *TIME_TYPES)
INDEXABLE: Final = (*SORTABLE, "ref", "one")
_TIMESTAMPS: Final = ("created_at", "updated_at")


def check_lists(spec: FeatureSpec) -> Iterator[Problem]:
    yield from _field_indexes(spec)
    for number, group in enumerate(spec.unique):
        place = f"unique[{number}]"
        wrong = list(_group(spec, group, place, ("owner",) if spec.owner else ()))
        yield from wrong
        yield from () if wrong else _roomy(spec, group, place)
    for number, group in enumerate(spec.indexes):
        names = tuple(name.removeprefix("-") for name in group)
        yield from _group(
            spec, names, f"indexes[{number}]", (*(("owner",) if spec.owner else ()), *_TIMESTAMPS)
        )
    yield from _uses(spec, "search", spec.search, TEXT_TYPES, "SPEC062", "search looks into text")
    yield from _uses(spec, "filters", spec.filters, FILTERABLE, "SPEC063", "it cannot be filtered")
    sorts = tuple(name for name in spec.sort if name not in _TIMESTAMPS)
    yield from _uses(spec, "sort", sorts, SORTABLE, "SPEC064", "it has no order that every database shares")
    yield from _repeated("sort", tuple(name for name in spec.sort if name in _TIMESTAMPS))
    yield from _cursors(spec)
    yield from _parameters(spec)
    yield from _operations(spec)


def _known(spec: FeatureSpec) -> dict[str, FieldSpec]:
    return {field.name: field for field in spec.fields}


def _field_indexes(spec: FeatureSpec) -> Iterator[Problem]:
    for number, field in enumerate(spec.fields):
        if (field.index or field.unique) and field.type.name != UNREADABLE:
            place = f"fields[{number}].{'unique' if field.unique else 'index'}"
            wrong = list(_indexable(spec, (field.name,), place))
            yield from wrong
            if field.unique and not wrong:
                yield from _roomy(spec, (field.name,), place)


def _group(
    spec: FeatureSpec, names: tuple[str, ...], place: str, extra: tuple[str, ...]
) -> Iterator[Problem]:
    if not names:
        yield problem("SPEC065", place, "there is nothing in it", "Name the fields, or drop the entry.")
    if len(names) > INDEX_COLUMNS:
        yield problem(
            "SPEC008", place, f"there are more than {INDEX_COLUMNS} fields in it", "Name fewer fields."
        )
    unknown = list(_unknown(spec, names, place, extra))
    yield from unknown
    yield from _repeated(place, names)
    if not unknown:
        yield from _indexable(spec, names, place)


def _unknown(
    spec: FeatureSpec, names: tuple[str, ...], place: str, extra: tuple[str, ...] = ()
) -> Iterator[Problem]:
    known = [field.name for field in spec.fields if field.name]
    for position, name in enumerate(names):
        if name in known or name in extra:
            continue
        hint = did_you_mean(name, (*known, *extra))
        if name.startswith("-"):
            why = "; a list sorts both ways" if place == "sort" else ""
            hint = f"Write {shown(name.lstrip('-'))}{why}."
        elif name == "owner":
            hint = "Owned features have owner: user, and only in unique and indexes."
        yield problem(
            "SPEC060", f"{place}[{position}]", f"{shown(name)} is not a field of this feature", hint
        )


def _repeated(place: str, names: tuple[str, ...]) -> Iterator[Problem]:
    for position, name in enumerate(names):
        if name in names[:position]:
            yield problem("SPEC061", f"{place}[{position}]", f"{shown(name)} is there twice", "Drop one.")


def _indexable(spec: FeatureSpec, names: tuple[str, ...], place: str) -> Iterator[Problem]:
    known = _known(spec)
    fields = [known[name] for name in names if name in known and known[name].type.name != UNREADABLE]
    for field in fields:
        if field.type.name not in INDEXABLE:
            reason = f"{field.name} is {field.type.name}, which databases do not index as a whole"
            yield problem("SPEC066", place, reason, "Use string(..n) for text that is looked up.")
    size = sum(map(width_of, fields))
    if size > INDEX_BYTES:
        reason = f"an entry could take {size} bytes, and {INDEX_BYTES} are the limit"
        yield problem(
            "SPEC066", place, reason, "Shorten the strings (four bytes for each character) or index less."
        )


def _roomy(spec: FeatureSpec, names: tuple[str, ...], place: str) -> Iterator[Problem]:
    """Whether a unique rule leaves room for rows: one per owner, or two per flag, is a mistake more often than a wish."""
    known = _known(spec)
    most = max((_room(known[name]) for name in names if name in known), default=1)
    if most < ROWS:
        whose = " of one owner" if "owner" in names else ""
        reason = f"only {most} row{'s' if most != 1 else ''}{whose} could exist"
        yield problem("SPEC071", place, reason, "Add a field with more values to the rule, or drop it.")


def _room(field: FieldSpec) -> int:
    """How many different values a field can have, as far as it matters here."""
    few = {"bool": 2, "enum": len(field.type.values) or 1000}  # what is shared is not known here
    if field.type.name in few:
        return few[field.type.name]
    try:
        if field.type.name in NUMBER_TYPES:
            return room(field) or ROWS
        if field.pattern is not None and field.type.name == "string":
            return len(matching_texts(field.pattern, field.type.min or 0, field.type.max or TEXT_LENGTH))
    except (ArithmeticError, ValueError):
        return ROWS  # what is wrong with bounds and patterns is reported with them
    return 1000


def _uses(
    spec: FeatureSpec, place: str, names: tuple[str, ...], types: tuple[str, ...], code: str, why: str
) -> Iterator[Problem]:
    known = _known(spec)
    yield from _unknown(spec, names, place, _TIMESTAMPS if place == "sort" else ())
    yield from _repeated(place, names)
    for position, name in enumerate(names):
        field = known.get(name)
        if field is not None and field.type.name not in (*types, UNREADABLE):
            reason = f"{name} is {field.type.name}: {why}"
            yield problem(code, f"{place}[{position}]", reason, f"Use fields of type {', '.join(types)}.")


def _cursors(spec: FeatureSpec) -> Iterator[Problem]:
    """A cursor holds the sort key of a row, and stands in an address."""
    known = _known(spec)
    for position, name in enumerate(spec.sort):
        if spec.pagination == "cursor" and name in known and not fits(known[name]):
            reason = f"{name} can be too long for a cursor, and for an index that would find the place again"
            yield problem("SPEC073", f"sort[{position}]", reason, "Shorten it, or use pagination: offset.")


def _parameters(spec: FeatureSpec) -> Iterator[Problem]:
    known = _known(spec)
    for position, name in enumerate(spec.filters):
        field = known.get(name)
        if field is not None and field.type.name in _EQUAL and field.json_name in QUERY_PARAMETERS:
            reason = f"{name} is a query parameter of every list"
            yield problem("SPEC068", f"filters[{position}]", reason, "Rename the field, or drop the filter.")


def _operations(spec: FeatureSpec) -> Iterator[Problem]:
    if not spec.operations:
        yield problem(
            "SPEC069", "operations", "there is no operation", "Name some, or leave the key out for all."
        )
    for position, name in enumerate(spec.operations):
        if name not in OPERATIONS:
            hint = did_you_mean(name, OPERATIONS)
            yield problem("SPEC069", f"operations[{position}]", f"{shown(name)} is not an operation", hint)
    yield from _repeated("operations", spec.operations)
    if spec.pagination not in PAGINATIONS:
        hint = did_you_mean(spec.pagination, PAGINATIONS)
        yield problem("SPEC069", "pagination", f"{shown(spec.pagination)} is not a way of paging", hint)
    for name, level in spec.access:
        place = f"access.{name}" if name in OPERATIONS else "access"
        if name not in OPERATIONS:
            hint = did_you_mean(name, OPERATIONS)
            yield problem("SPEC069", place, f"{shown(name)} is not an operation", hint)
        elif name not in spec.operations:
            yield problem(
                "SPEC070", place, f"{name} is not among the operations", "Add it there, or drop it here."
            )
        if level not in ACCESS_LEVELS:
            hint = did_you_mean(level, ACCESS_LEVELS)
            yield problem("SPEC069", place, f"{shown(level)} is not an access level", hint)
        elif level == "public" and spec.owner is not None and name in WRITING_OPERATIONS:
            reason = "rows that belong to their creator cannot be written by callers who are nobody"
            yield problem("SPEC070", place, reason, "Use authenticated, or drop the owner.")
