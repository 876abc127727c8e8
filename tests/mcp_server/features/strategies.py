"""Varied valid specs, for suites that make features of them. Valid by construction: nothing is drawn and thrown away.

`specs(catalog)` draws what this release generates; `language_fields()` draws fields of the whole language.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st

from mcp_server.features.catalog import Catalog
from mcp_server.features.check_lists import FILTERABLE, INDEXABLE, ROWS, SORTABLE
from mcp_server.features.indexes import INDEX_BYTES, fits, width_of
from mcp_server.features.ranges import type_range, value_range
from mcp_server.features.spec import (
    ITEM_TYPES,
    OPERATIONS,
    PAGINATIONS,
    TEXT_TYPES,
    WRITING_OPERATIONS,
    DeleteRule,
    FeatureSpec,
    FieldSpec,
    SharedEnum,
    TypeSpec,
)

FEATURES: Final = (
    "alias", "analysis", "box", "case", "child", "city", "event", "field", "group", "index", "invoice", "job",
    "key", "letter", "match", "message", "news", "order", "order_line", "page", "person", "quiz", "repository",
    "response", "series", "session", "status", "supplier", "table", "type", "unit", "value", "very_long_named_thing_of_some_kind",
)  # fmt: skip
PLAIN_NAMES: Final = (
    "amount", "brand", "city", "code", "colour", "comment", "country", "depth", "due", "email", "filter", "format",
    "hash", "height", "kind", "label", "name", "notes", "number", "phone", "rank", "rating", "remark", "street",
    "title", "total", "type", "unit_price", "weight", "zip_code", "a", "x1", "line_2",
    "a_rather_long_name_that_still_fits_into_fifty_char",
)  # fmt: skip
RESERVED_NAMES: Final = (
    "class", "copy", "dict", "dt", "from", "group", "import", "json", "lambda", "limit", "list", "metadata", "order",
    "registry", "relationship", "schema", "select", "self", "str", "table", "user", "validate", "values", "where",
)  # fmt: skip
"""Names that mean something to Python, SQLAlchemy, Pydantic or SQL."""
LABELS: Final = (
    "draft", "active", "archived", "In review", "1st", "2nd", "a-b", "100%", "é", "日本", "None", "true", ":now",
    "UPPER", "upper", "a/b", "x.y", "back\\slash", "(none)", "$var", "Don't know", '5" pipe', 'the "best"', "%(x)s",
)  # fmt: skip
PATTERNS: Final = (
    (r"^[A-Z]{2}[0-9]+$", 3, 40, "AB12"), (r"^[a-z0-9]+(-[a-z0-9]+)*$", 1, 60, "a-slug-1"),
    (r"^(red|green|blue)$", 1, 10, "green"), (r"^\d{3}-\d{4}$", 8, 8, "555-1234"), (r"[aeiou]", 1, 20, "vowel"),
    (r"^\S.*\S$", 2, 30, "no padding"), (r"^[^@\s]{5,}$", 5, 25, "abcde"), (r"^[^'\"]+'s$", 3, 20, "dog's"),
)  # fmt: skip
_ALPHABET: Final = "abcXYZ019 _-.,;:!?%&*()[]<>/\\$#@+=~^|éß日Ω€😀"
_PROSE: Final = ("It isn't 100 %", 'a 5" pipe', 'The "best" one.', '"quoted"', "'til :now", "it's 5\"")
_WORDS: Final = st.text(_ALPHABET, min_size=1, max_size=40).map(str.strip).filter(bool) | st.sampled_from(
    _PROSE
)
_SCALARS: Final = (
    "string", "string", "text", "int", "bigint", "float", "decimal", "decimal", "bool", "date", "datetime", "time",
    "uuid", "email", "url", "json", "bytes", "enum", "enum",
)  # fmt: skip
_FIXED_DEFAULTS: Final[dict[str, tuple[Any, ...]]] = {
    "bool": (True, False),
    "date": ("2024-02-29", "today"),
    "datetime": ("2026-01-31T12:00:00+00:00", "1999-12-31T23:59:59.500000+00:00", "now"),
    "time": ("08:30:00", "23:59:59.250000"),
    "uuid": ("0b0d2f5e-6d7c-4c1a-9a53-3d6c1f0a7b10",),
    "email": ("someone@example.org", "a.b+c@mail.example.com"),
    "url": ("https://example.org/", "http://example.org:8080/path?x=1"),
    "json": ("{}", "[]"),
    "bytes": ("aGVsbG8=", ""),
}


@st.composite
def scalar_fields(draw: st.DrawFn, name: str) -> FieldSpec:
    """A field of a scalar type or enum, with bounds and default, without index and unique."""
    kind = draw(st.sampled_from(_SCALARS))
    makers = {
        "string": _string,
        "decimal": _decimal,
        "enum": _enum,
        "int": _whole,
        "bigint": _whole,
        "float": _float,
    }
    maker = makers.get(kind)
    field = draw(maker(name, kind)) if maker else FieldSpec(name, TypeSpec(kind))
    if kind == "text" and draw(st.booleans()):
        field = replace(field, default=draw(_WORDS))
    if kind in _FIXED_DEFAULTS and draw(st.booleans()):
        field = replace(field, default=draw(st.sampled_from(_FIXED_DEFAULTS[kind])))
    description = draw(st.just("") | _WORDS)
    return replace(field, nullable=draw(st.booleans()), description=description)


@st.composite
def _string(draw: st.DrawFn, name: str, kind: str) -> FieldSpec:
    if draw(st.integers(0, 4)) == 0:
        pattern, shortest, longest, example = draw(st.sampled_from(PATTERNS))
        field = FieldSpec(name, TypeSpec(kind, min=shortest, max=longest), pattern=pattern)
        return replace(field, default=draw(st.sampled_from([None, example])))
    low = draw(st.sampled_from([None, 1, 2, 5]))
    high = draw(st.sampled_from([5, 32, 100, 255, 600, 1000, 10_000]))
    field = FieldSpec(name, TypeSpec(kind, min=low, max=high))
    if draw(st.booleans()):
        text = draw(st.text(_ALPHABET, min_size=low or 0, max_size=min(high, 30)))
        field = replace(field, default=_tame(text))
    return field


def _tame(text: str) -> str:
    """Without marks of templates, at the same length."""
    return text.replace("{", "(")


@st.composite
def _enum(draw: st.DrawFn, name: str, kind: str) -> FieldSpec:
    labels = draw(st.lists(st.sampled_from(LABELS), min_size=1, max_size=8, unique=True))
    default = draw(st.sampled_from([None, *labels]))
    return FieldSpec(name, TypeSpec(kind, values=tuple(labels)), default=default)


@st.composite
def _whole(draw: st.DrawFn, name: str, kind: str) -> FieldSpec:
    field = FieldSpec(name, TypeSpec(kind))
    low, high = type_range(field.type)
    numbers = st.sampled_from([-1000, -1, 0, 1, 5, 99, 1_000_000, int(low) + 1, int(high) - 1])
    ends = sorted(draw(st.tuples(numbers, numbers)))
    return draw(_bounded(field, ends[0], ends[1], margin=2))


@st.composite
def _float(draw: st.DrawFn, name: str, kind: str) -> FieldSpec:
    numbers = st.sampled_from([-1e6, -2.5, -1.0, 0.0, 0.5, 1.0, 3.25, 100.0, 1e6])
    ends = sorted(draw(st.tuples(numbers, numbers)))
    return draw(_bounded(FieldSpec(name, TypeSpec(kind)), ends[0], ends[1], margin=0.5))


@st.composite
def _decimal(draw: st.DrawFn, name: str, kind: str) -> FieldSpec:
    precision = draw(st.sampled_from([1, 2, 5, 10, 12, 18, 28, 38]))
    scale = draw(st.integers(0, min(precision, 10)))
    field = FieldSpec(name, TypeSpec(kind, precision=precision, scale=scale))
    most = min(10**precision - 1, 10**6)
    unit = Decimal(1).scaleb(-scale)
    ends = sorted(draw(st.tuples(st.integers(-most, most), st.integers(-most, most))))
    return draw(_bounded(field, ends[0] * unit, ends[1] * unit, margin=2 * unit))


@st.composite
def _bounded(draw: st.DrawFn, field: FieldSpec, low: Any, high: Any, *, margin: Any) -> FieldSpec:
    """Bounds, where the two ends are far enough apart for strict ones, and a default between them."""
    if high - low > margin:
        lower = draw(st.sampled_from([None, "ge", "gt"]))
        upper = draw(st.sampled_from([None, "le", "lt"]))
        bounds = {key: end for key, end in ((lower, low), (upper, high)) if key is not None}
        field = replace(field, **bounds)
    if draw(st.booleans()):
        lowest, highest = value_range(field)
        field = replace(field, default=min(max(type(low)(low), lowest), highest))
    return field


@st.composite
def list_fields(draw: st.DrawFn, name: str) -> FieldSpec:
    """A list of bounded scalars."""
    item = draw(
        scalar_fields(name).map(lambda field: field.type).filter(lambda type_: type_.name in ITEM_TYPES)
    )
    default = draw(st.sampled_from([None, "[]"]))
    return FieldSpec(name, TypeSpec("list", item=item), nullable=draw(st.booleans()), default=default)


@st.composite
def reference_fields(draw: st.DrawFn, name: str, targets: Sequence[str]) -> FieldSpec:
    target = draw(st.sampled_from([*targets, "self"]))
    nullable = target == "self" or draw(st.booleans())
    rules: list[DeleteRule | None] = ["cascade", None, "restrict" if nullable else None]
    rule = draw(st.sampled_from(rules))
    kind = draw(st.sampled_from(["ref", "ref", "ref", "one", "one", "many", "many"]))
    if kind == "many":
        return FieldSpec(name, TypeSpec(kind, target=target), description=draw(st.just("") | _WORDS))
    return FieldSpec(name, TypeSpec(kind, target=target), nullable=nullable, on_delete=rule)


def _field(name: str, targets: Sequence[str]) -> st.SearchStrategy[FieldSpec]:
    """A scalar mostly; now and then a reference, or a list."""
    kinds = (reference_fields(name, targets), list_fields(name), *[scalar_fields(name)] * 5)
    return st.sampled_from(kinds).flatmap(lambda kind: kind)


@st.composite
def specs(
    draw: st.DrawFn,
    catalog: Catalog | None = None,
    *,
    targets: Sequence[str] = ("category", "user"),
    most_fields: int = 8,
) -> FeatureSpec:
    """A spec that is valid in the catalog (None: one that holds the targets), and that this release generates."""
    known = catalog.features.values() if catalog else ()
    taken = {*targets, *(name for each in known for name in (each.name, each.plural))}
    feature = draw(st.sampled_from([name for name in FEATURES if name not in taken]))
    names = draw(
        st.lists(
            st.sampled_from(PLAIN_NAMES) | st.sampled_from(RESERVED_NAMES),
            min_size=1,
            max_size=most_fields,
            unique=True,
        )
    )
    fields = [draw(_field(name, targets)) for name in names]
    owner = draw(st.sampled_from([None, "user"]))
    fields = [draw(_named_back(draw(_one_way(draw(_indexed(field)))), feature)) for field in fields]
    secrets = [field.name for field in fields if field.secret]
    base = FeatureSpec.of(feature, fields, owner=owner, description=draw(st.just("") | _WORDS))
    pagination = draw(st.sampled_from(PAGINATIONS))
    too_long = [field.name for field in fields if pagination == "cursor" and not fits(field)]
    operations = draw(st.just(OPERATIONS) | st.sets(st.sampled_from(OPERATIONS), min_size=1).map(_in_order))
    unshared = replace(
        base,
        unique=draw(_unique_groups(base)),
        indexes=draw(_index_groups(base)),
        search=draw(_some(base, TEXT_TYPES, without=secrets)),
        filters=draw(_some(base, FILTERABLE, without=("limit", *secrets))),
        sort=draw(_some(base, SORTABLE, extra=("created_at", "updated_at"), without=(*too_long, *secrets))),
        operations=operations,
        pagination=pagination,
        soft_delete=draw(st.booleans()),
        access=draw(_access(operations, owned=owner is not None or _needs_private(base, catalog))),
    )
    return _shared(unshared) if draw(st.booleans()) else unshared


def _shared(spec: FeatureSpec) -> FeatureSpec:
    """The first enum of the fields declared once and used by its name."""
    first = next((field for field in spec.fields if field.type.name == "enum"), None)
    if first is None:
        return spec
    name = f"{spec.feature}_labels"
    by_name = replace(first, type=TypeSpec("enum", target=name))
    fields = tuple(by_name if field is first else field for field in spec.fields)
    return replace(spec, fields=fields, enums=(SharedEnum(name, first.type.values),))


def _in_order(names: Any) -> tuple[str, ...]:
    return tuple(name for name in OPERATIONS if name in names)


@st.composite
def _named_back(draw: st.DrawFn, field: FieldSpec, feature: str) -> FieldSpec:
    """A reference may name its nested routes; the name is no other's, whatever else is drawn."""
    if not field.is_reference or field.type.target == "user" or draw(st.booleans()):
        return field
    return replace(field, back_reference=f"{feature}_{field.name}_rows")


@st.composite
def _indexed(draw: st.DrawFn, field: FieldSpec) -> FieldSpec:
    if field.type.name not in INDEXABLE or width_of(field) > INDEX_BYTES:
        return field
    unique = draw(st.integers(0, 3)) == 0 and field.default is None and _has_room(field)
    return replace(field, unique=unique, index=draw(st.booleans()))


@st.composite
def _one_way(draw: st.DrawFn, field: FieldSpec) -> FieldSpec:
    """Some fields are only written, some only read."""
    way = draw(st.sampled_from([None, None, None, "secret", "readonly"]))
    if way is None or field.type.target or field.unique or (way == "readonly" and field.required):
        return field
    return replace(field, **{way: True})  # type: ignore[arg-type]  # both are flags


def _has_room(field: FieldSpec) -> bool:
    """Enough different values to be unique in the rows of a test."""
    if field.type.name == "bool" or field.pattern is not None:
        return False
    if field.type.name == "enum":
        return len(field.type.values) >= ROWS
    if field.type.name in ("int", "bigint", "float", "decimal"):
        low, high = value_range(field)
        step = Decimal(1).scaleb(-(field.type.scale or 0)) if field.type.name == "decimal" else 1
        return float(high) == float("inf") or float(low) == float("-inf") or (high - low) / step >= 50  # type: ignore[operator]
    return True


@st.composite
def _unique_groups(draw: st.DrawFn, spec: FeatureSpec) -> tuple[tuple[str, ...], ...]:
    able = [
        field
        for field in spec.fields
        if field.type.name in INDEXABLE
        and width_of(field) <= INDEX_BYTES // 2
        and not (field.secret or field.readonly)
    ]
    roomy = [field for field in able if _has_room(field) and not field.unique]
    if not roomy or draw(st.booleans()):
        return ()
    first = draw(st.sampled_from(roomy))
    others = [field.name for field in able if field is not first] + (["owner"] if spec.owner else [])
    if not others:
        return ()
    return ((draw(st.sampled_from(others)), first.name),)


@st.composite
def _index_groups(draw: st.DrawFn, spec: FeatureSpec) -> tuple[tuple[str, ...], ...]:
    able = [
        field for field in spec.fields if field.type.name in INDEXABLE and width_of(field) <= INDEX_BYTES // 3
    ]
    names = [field.name for field in able] + ["created_at"] + (["owner"] if spec.owner else [])
    if len(names) < 2:
        return ()
    groups = st.lists(st.sampled_from(names), min_size=2, max_size=3, unique=True).map(tuple)
    found = draw(st.lists(groups, max_size=2, unique_by=frozenset))
    return tuple((*group[:-1], draw(st.sampled_from(["", "-"])) + group[-1]) for group in found)


@st.composite
def _some(
    draw: st.DrawFn,
    spec: FeatureSpec,
    types: Sequence[str],
    *,
    extra: Sequence[str] = (),
    without: Sequence[str] = (),
) -> tuple[str, ...]:
    names = [field.name for field in spec.fields if field.type.name in types and field.name not in without]
    names += extra
    return tuple(draw(st.lists(st.sampled_from(names), max_size=len(names), unique=True))) if names else ()


def _needs_private(spec: FeatureSpec, catalog: Catalog | None) -> bool:
    """Whether a row must refer to one that only its owner reaches: nobody else can write it then."""
    needed = {spec.target_of(field) for field in spec.fields if field.is_reference and field.required}
    return catalog is not None and any(
        catalog.features[name].private for name in needed if name in catalog.features
    )


@st.composite
def _access(draw: st.DrawFn, operations: Sequence[str], *, owned: bool) -> tuple[tuple[str, str], ...]:
    found = []
    for name in operations:
        levels = ["authenticated", "authenticated", "superuser"]
        if not owned or name not in WRITING_OPERATIONS:
            levels.append("public")
        level = draw(st.sampled_from(levels))
        if level != "authenticated":
            found.append((name, level))
    return tuple(found)


def language_fields() -> st.SearchStrategy[FieldSpec]:
    """Readable fields of the whole language, valid or not yet generated."""
    names = st.sampled_from(PLAIN_NAMES) | st.sampled_from(RESERVED_NAMES)
    scalars = names.flatmap(scalar_fields)
    references = names.flatmap(lambda name: reference_fields(name, ("category", "user")))
    return st.one_of(scalars, references, _relations(), _lists(scalars)).flatmap(_marked)


@st.composite
def _marked(draw: st.DrawFn, field: FieldSpec) -> FieldSpec:
    back = draw(st.sampled_from([None, "items", "children"])) if field.type.target else None
    index, unique, secret, readonly = (draw(st.booleans()) for _ in range(4))
    return replace(field, back_reference=back, index=index, unique=unique, secret=secret, readonly=readonly)


@st.composite
def _relations(draw: st.DrawFn) -> FieldSpec:
    kind, target = (
        draw(st.sampled_from(["many", "one"])),
        draw(st.sampled_from(["tag", "order_item", "self"])),
    )
    return FieldSpec("links", TypeSpec(kind, target=target), nullable=draw(st.booleans()))


@st.composite
def _lists(draw: st.DrawFn, scalars: st.SearchStrategy[FieldSpec]) -> FieldSpec:
    return FieldSpec("entries", TypeSpec("list", item=draw(scalars).type), nullable=draw(st.booleans()))
