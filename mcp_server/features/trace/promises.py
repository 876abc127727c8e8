"""What bodies, routes and lists of a feature add to the spec that its table gives."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any, Final

from mcp_server.features.inflection import with_article
from mcp_server.features.nested import usual_segment
from mcp_server.features.spec import (
    BIGINT_RANGE,
    EMAIL_LENGTH,
    INT_RANGE,
    NUMBER_TYPES,
    OPERATIONS,
    RELATION_TYPES,
    TEXT_LENGTH,
    TIME_TYPES,
    FeatureSpec,
    FieldSpec,
    TypeSpec,
)
from mcp_server.features.trace.gaps import Gap
from mcp_server.inspection.contract import Contract, Lists, Properties, Routes

_EVERYWHERE: Final = ("public_id", "owner_public_id", "created_at", "updated_at")
_PLACES: Final = re.compile(r"\{1,(\d+)\}\)\?\$$")
"""How many digits the pattern of a decimal allows after the point."""
_LIMITS: Final = {"minimum": "ge", "exclusiveMinimum": "gt", "maximum": "le", "exclusiveMaximum": "lt"}


def with_promises(spec: FeatureSpec, contract: Contract) -> tuple[FeatureSpec, list[Gap]]:
    """The spec as bodies, routes and lists have it, and what they say that it cannot."""
    gaps: list[Gap] = []
    for what, found_in, assumed in (
        ("a creation", contract.body, "every field is written, whatever text it holds"),
        ("answers", contract.answer, "every field is shown"),
    ):
        if found_in is None:
            gaps.append(Gap("TRC040", (), f"no schema of {what}: {assumed}"))
    spec, found = _with_schemas(spec, contract.body, contract.answer)
    gaps += found
    usual = f"{with_article(spec.names.title).capitalize()}."
    described = contract.description if contract.description != usual else ""
    spec = replace(spec, description=described)
    if contract.routes is None:
        gaps.append(
            Gap("TRC040", (), f"no routes at /{spec.names.path}: all operations, for whoever is signed in")
        )
    else:
        spec, found = _with_routes(spec, contract.routes)
        gaps += found
    if contract.lists is None:
        if "list" in spec.operations:
            gaps.append(Gap("TRC040", (), "no filters or sorts of a repository: none but created_at"))
    else:
        spec, found = _with_lists(spec, contract.lists)
        gaps += found
    return spec, gaps


def _with_schemas(
    spec: FeatureSpec, body: Properties | None, answer: Properties | None
) -> tuple[FeatureSpec, list[Gap]]:
    usual: Properties = {field.json_name: {} for field in spec.fields}
    unwritten = body is None
    body, answer = (usual if body is None else body), (usual if answer is None else answer)
    gaps: list[Gap] = []
    fields = []
    for field in spec.fields:
        name = field.json_name
        both = {**answer.get(name, {}), **body.get(name, {})}
        field = replace(  # noqa: PLW2901
            field,
            type=_type(field, both),
            pattern=_inner(both).get("pattern") if field.type.name == "string" else None,
            description=str(both.get("description", "")),
        )
        shown, taken = name in answer, name in body
        if field.type.name in RELATION_TYPES or (shown and field.required):
            gaps += _kept_back(field, shown=shown, taken=taken)
        else:
            field = replace(field, secret=not shown, readonly=shown and not taken)  # noqa: PLW2901
        if field.secret and (unwritten or not taken):
            gaps.append(Gap("TRC024", (field.column,), "nothing shows or takes it, and the spec says secret"))
        gaps += _otherwise(field, _inner(both))
        fields.append(field)
    known = {*_EVERYWHERE, *(field.json_name for field in fields)}
    extra = dict.fromkeys(name for name in (*answer, *body) if name not in known)
    gaps += [Gap("TRC024", (name,), f"bodies or answers hold {name}, which is no field") for name in extra]
    return replace(spec, fields=tuple(_ordered(fields, body, answer))), gaps


def _kept_back(field: FieldSpec, *, shown: bool, taken: bool) -> Iterator[Gap]:
    """What bodies or answers are without, of a field that the language cannot call secret or readonly."""
    for there, what in ((shown, "answers do not show it"), (taken, "bodies do not take it")):
        if not there:
            yield Gap("TRC031", (field.column,), f"{what}, and those of the spec do")


def _otherwise(field: FieldSpec, said: Mapping[str, Any]) -> Iterator[Gap]:
    """Limits of a body that the table does not have."""
    longest = (
        field.type.max if field.type.name == "string" else TEXT_LENGTH if field.type.name == "text" else None
    )
    if longest is not None and said.get("maxLength", longest) != longest:
        yield Gap(
            "TRC031", (field.column,), f"bodies take {said['maxLength']} characters, the spec says {longest}"
        )
    if field.type.name in NUMBER_TYPES:
        for limit in _unsaid_limits(field, said):
            yield Gap("TRC031", (field.column,), f"bodies have the {limit}, which no CHECK has")


def _unsaid_limits(field: FieldSpec, said: Mapping[str, Any]) -> Iterator[str]:
    """The limits of a number that are neither the field's nor those of its type."""
    of_types = {*INT_RANGE, *BIGINT_RANGE}
    if field.type.precision is not None:
        whole = 10 ** (field.type.precision - (field.type.scale or 0))
        of_types = {-whole, whole}
    number: Mapping[str, Any] = next(iter(said.get("anyOf", ())), said)  # a decimal is a number or a text
    for limit, bound in _LIMITS.items():
        value, own = number.get(limit), getattr(field, bound)
        # JSON Schema has floats where a spec has decimals.
        if value is not None and value not in of_types and (own is None or float(own) != float(value)):
            yield f"{limit} {value}"


def _ordered(fields: list[FieldSpec], body: Properties, answer: Properties) -> Iterable[FieldSpec]:
    """Links are no columns: they stand behind what bodies and answers have before them."""
    columns = [field for field in fields if not field.is_links]
    in_body = [name for name in body if any(field.json_name == name for field in columns)]
    # Bodies may be put together of several classes, and then are in no order of the table.
    follows = in_body == [field.json_name for field in columns if field.json_name in body]
    for link in (field for field in fields if field.is_links):
        before = {*_before(link, answer), *(_before(link, body) if follows else ())}
        place = max((n for n, one in enumerate(columns, 1) if one.json_name in before), default=0)
        columns.insert(place, link)
    return columns


def _before(field: FieldSpec, properties: Properties) -> Iterable[str]:
    return takewhile(lambda name: name != field.json_name, properties)


def _inner(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a property says of values other than null."""
    choices = [one for one in said.get("anyOf", ()) if one.get("type") != "null"]
    return choices[0] if len(choices) == 1 else said


def _type(field: FieldSpec, said: Mapping[str, Any]) -> TypeSpec:
    inner = _inner(said)
    match field.type:
        case TypeSpec("string", max=longest):
            if inner.get("format") == "email" and longest == EMAIL_LENGTH:
                return TypeSpec("email")
            return replace(field.type, min=inner.get("minLength") or None)
        case TypeSpec("list", item=TypeSpec() as item) if isinstance(inner.get("items"), Mapping):
            return replace(field.type, item=_item(item, inner["items"]))
        case other:
            return other


def _item(item: TypeSpec, said: Mapping[str, Any]) -> TypeSpec:
    if item.name == "int":
        return TypeSpec("bigint" if said.get("maximum", 0) > INT_RANGE[1] else "int")
    if item.name == "decimal":
        number, text = (*said.get("anyOf", ()), {}, {})[:2]
        places = _PLACES.search(str(text.get("pattern", "")))
        scale = int(places[1]) if places else 0
        whole = len(str(int(number.get("exclusiveMaximum", 10**12)))) - 1
        return TypeSpec("decimal", precision=whole + scale, scale=scale)
    if item.name != "string":
        return item
    labels = said.get("enum") or ([said["const"]] if "const" in said else None)
    if labels:
        return TypeSpec("enum", values=tuple(map(str, labels)))
    if named := {"email": "email", "uri": "url"}.get(str(said.get("format"))):
        return TypeSpec(named)
    if said.get("maxLength") == TEXT_LENGTH and not said.get("minLength"):
        return TypeSpec("text")
    return TypeSpec("string", min=said.get("minLength") or None, max=said.get("maxLength", item.max))


def _with_routes(spec: FeatureSpec, routes: Routes) -> tuple[FeatureSpec, list[Gap]]:
    asked = routes.access
    spec = replace(
        spec,
        fields=tuple(_named_back(spec, field, routes.below) for field in spec.fields),
        operations=tuple(name for name in OPERATIONS if name in asked),
        pagination="cursor" if routes.by_cursor else "offset",
    )
    # Those that follow others unless the spec says otherwise come last.
    for name in sorted(spec.operations, key=lambda one: one in ("replace", "bulk_create")):
        if spec.access_of(name) != asked[name] != "authenticated":
            access = {**dict(spec.access), name: asked[name]}
            spec = replace(spec, access=tuple((one, access[one]) for one in OPERATIONS if one in access))
    return spec, [
        Gap("TRC031", (), f"{name} asks for {asked[name]}, and the spec gives it the access of its like")
        for name in spec.operations
        if spec.access_of(name) != asked[name]
    ]


def _named_back(spec: FeatureSpec, field: FieldSpec, below: Mapping[str, str]) -> FieldSpec:
    """The field with the name of its nested routes, where it is not the usual one."""
    if not field.is_reference:
        return field
    ids = (f"list_{spec.plural}_of_{field.name}", f"create_{spec.feature}_of_{field.name}")
    segment = next((below[one] for one in ids if one in below), None)
    usual = usual_segment(spec, field) if spec.target_of(field) != spec.feature else None
    name = segment.replace("-", "_") if segment else None
    return field if name in (None, usual) else replace(field, back_reference=name)


def _with_lists(spec: FeatureSpec, lists: Lists) -> tuple[FeatureSpec, list[Gap]]:
    parameters = {name: field.name for field in spec.fields for name in _parameters(field)}
    attributes = {field.attribute: field.name for field in spec.columns}
    sorts = {**{field.name: field.name for field in spec.columns}, "updated_at": "updated_at"}
    wanted = (
        ("filters", lists.filters, parameters),
        ("sort", tuple(name for name in lists.sorts if name != "created_at"), sorts),
        ("search", lists.search, attributes),
    )
    found = {
        key: tuple(dict.fromkeys(known[name] for name in names if name in known))
        for key, names, known in wanted
    }
    gaps = [
        Gap("TRC024", (name,), f"{key} holds {name}, which is no field")
        for key, names, known in wanted
        for name in names
        if name not in known
    ]
    return replace(spec, **found), gaps  # type: ignore[arg-type]


def _parameters(field: FieldSpec) -> tuple[str, ...]:
    """What a repository's filters call the field."""
    if field.is_links:
        return (f"{field.name}_public_id",)
    if field.type.name in (*NUMBER_TYPES, *TIME_TYPES):
        return (f"{field.name}_min", f"{field.name}_max")
    return (field.schema_attribute,)
