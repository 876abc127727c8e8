"""How each type of the feature language is written in Python: in models, schemas and records.

Everything returns source text. Text that came from a spec only ever appears through `literal`.
"""

import json
from base64 import b64decode
from decimal import Decimal

from mcp_server.features.naming import class_name, constraint_name, enum_class, member_names
from mcp_server.features.spec import BYTES_LENGTH, LIST_LENGTH, TEXT_LENGTH, FeatureSpec, FieldSpec, Number

PLAIN_TYPES = {
    "string": "str", "text": "str", "email": "str", "url": "str", "int": "int", "bigint": "int", "float": "float",
    "decimal": "Decimal", "bool": "bool", "date": "dt.date", "datetime": "dt.datetime", "time": "dt.time",
    "uuid": "UUID", "bytes": "bytes", "ref": "UUID", "one": "UUID", "many": "list[UUID]",
}  # fmt: skip
"""What a value is in a record, once it has been read or accepted."""


EXPONENT_PLACES = 6
"""With more places, Python writes small decimals with an exponent (General Decimal Arithmetic, to-scientific-string)."""


def enum_name(spec: FeatureSpec, field: FieldSpec) -> str:
    """The class of an enum field: its own, or the one that it shares."""
    shared = field.type.target
    return enum_class(spec.feature, field.name) if shared is None else class_name(shared)


def literal(value: object) -> str:
    """A Python literal for text, numbers, None and tuples of them. Never runs what the value says."""
    return (
        json.dumps(value)
        if isinstance(value, str) and value.isascii() and "\x7f" not in value
        else repr(value)
    )


def plain_type(spec: FeatureSpec, field: FieldSpec) -> str:
    """The type of a stored value, without None: `str`, `Decimal`, `ProductStatus`."""
    if field.type.name == "enum":
        return enum_name(spec, field)
    if field.type.name == "json":
        return "Json"
    if field.type.name == "list":
        return f"list[{item_type(field)}]"
    return PLAIN_TYPES[field.type.name]


def item_type(field: FieldSpec) -> str:
    """The type of a value in a list; labels of an enum are plain text there."""
    item = field.type.item
    return "str" if item is None or item.name == "enum" else PLAIN_TYPES[item.name]


def optional(text: str, nullable: bool) -> str:
    return f"{text} | None" if nullable else text


def check_name(table: str, name: str) -> str:
    """The name of a CHECK as a model gives it: without what the naming convention puts before it."""
    prefix = f"ck_{table}_"
    return literal(name.removeprefix(prefix)) if name.startswith(prefix) else f"conv({literal(name)})"


def column_type(spec: FeatureSpec, field: FieldSpec) -> str:
    """The SQLAlchemy type, or nothing where the annotation already says it."""
    match field.type.name:
        case "string":
            return f"String({field.type.max})"
        case "email":
            return "String(254)"
        case "url":
            return "UrlString"
        case "decimal":
            return f"Numeric({field.type.precision}, {field.type.scale})"
        case "enum":
            table = spec.names.table
            name = check_name(table, constraint_name("ck", table, field.name))
            return f"enum_type({enum_name(spec, field)}, {name})"
        case "json":
            return "JSON(none_as_null=True)" if field.nullable else "JSON"
        case "datetime":
            return "UtcDateTime"
        case "list":
            return f"ListOf({item_type(field)})"
        case other:
            return {"text": "Text", "bigint": "BigInteger", "float": "Double", "bytes": "LargeBinary"}.get(
                other, ""
            )


def body_type(spec: FeatureSpec, field: FieldSpec) -> str:
    """The type of a field in a request body: bounded, without None."""
    match field.type.name:
        case "string" | "text":
            shortest = field.type.min or None
            longest = field.type.max if field.type.name == "string" else TEXT_LENGTH
            return annotated("str", min_length=shortest, max_length=longest, pattern=field.pattern)
        case "int" | "bigint":
            bits = 32 if field.type.name == "int" else 64
            return whole_number_type(field, bits)
        case "float":
            return annotated("float", **bounds(field))
        case "decimal":
            return decimal_type(field, **bounds(field))
        case "bytes":
            return f"Annotated[Base64, Field(max_length={BYTES_LENGTH})]"
        case "list":
            return f"Annotated[list[{_body_item(spec, field)}], Field(max_length={LIST_LENGTH})]"
        case other:
            named = {
                "date": "CalendarDate",
                "datetime": "Instant",
                "time": "TimeOfDay",
                "email": "Email",
                "url": "WebAddress",
                "many": "PublicIds",
            }
            return named.get(other) or plain_type(spec, field)


def _body_item(spec: FeatureSpec, field: FieldSpec) -> str:
    item = field.type.item or field.type
    if item.name == "enum":
        return f"Literal[{', '.join(map(literal, item.values))}]"
    return body_type(spec, FieldSpec(field.name, item))


def range_type(field: FieldSpec) -> str:
    """The type of a `_min` or `_max` parameter: what the column can hold, without the field's own bounds."""
    named = {"int": "Int32", "bigint": "Int64", "float": "float", "datetime": "Instant", "time": "TimeOfDay"}
    if field.type.name == "decimal":
        return decimal_type(field)
    return named.get(field.type.name, "CalendarDate")


def answer_type(spec: FeatureSpec, field: FieldSpec) -> str:
    """The type of a field in a response, without None."""
    item = field.type.item
    if item is not None and item.name != "enum":
        return f"list[{answer_type(spec, FieldSpec(field.name, item))}]"
    if field.type.name == "decimal" and (field.type.scale or 0) > EXPONENT_PLACES:
        return "PlainDecimal"
    named = {
        "bytes": "Base64", "time": "TimeOfDay",
        "uuid": "PlainUUID", "ref": "PlainUUID", "one": "PlainUUID", "many": "list[PlainUUID]",
    }  # fmt: skip
    return named.get(field.type.name) or plain_type(spec, field)


def bounds(field: FieldSpec) -> dict[str, Number | None]:
    return {"ge": field.ge, "gt": field.gt, "le": field.le, "lt": field.lt}


def whole_number_type(field: FieldSpec, bits: int) -> str:
    limits = bounds(field)
    if all(limit is None for limit in limits.values()):
        return f"Int{bits}"
    parts = [f"{name}={number(limit)}" for name, limit in limits.items() if limit is not None]
    if field.ge is None and field.gt is None:
        parts.insert(0, f"ge=INT{bits}_MIN")
    if field.le is None and field.lt is None:
        parts.append(f"le=INT{bits}_MAX")
    return f"Annotated[int, Field({', '.join(parts)})]"


def decimal_type(field: FieldSpec, **limits: Number | None) -> str:
    return annotated("Decimal", f"scaled({field.type.precision}, {field.type.scale})", **limits)


def annotated(base: str, *metadata: str, **options: object) -> str:
    """`Annotated[base, Field(...), *metadata]` with the options that are set; `base` alone where there is nothing to add."""
    given = [f"{name}={number(value)}" for name, value in options.items() if value is not None]
    parts = [base, *([f"Field({', '.join(given)})"] if given else ()), *metadata]
    return f"Annotated[{', '.join(parts)}]" if len(parts) > 1 else base


def number(value: object) -> str:
    """A bound: whole decimals as integers, others exactly."""
    if isinstance(value, Decimal):
        return str(int(value)) if value == value.to_integral_value() else f'Decimal("{value:f}")'
    return literal(value)


def default_options(spec: FeatureSpec, field: FieldSpec) -> str:
    """The default of a field as an argument: `default=...` or `default_factory=...`."""
    value = field.default
    match field.type.name:
        case "datetime" if value == "now":
            return "default_factory=utc_now"
        case "date" if value == "today":
            return "default_factory=today"
        case "json" | "list":
            return f"default_factory={'dict' if value == '{}' else 'list'}"
    return f"default={default_value(spec, field)}"


def default_value(spec: FeatureSpec, field: FieldSpec) -> str:
    """A fixed default as Python source, in the type that a record holds."""
    value = field.default
    match field.type.name:
        case "enum":
            member = member_names(field.type.values)[field.type.values.index(str(value))]
            return f"{enum_name(spec, field)}.{member}"
        case "decimal":
            exact = f"{Decimal(str(value)):.{field.type.scale or 0}f}"
            return f'Decimal("{exact}")' if field.type.scale else f"Decimal({exact})"
        case "date" | "datetime" | "time" as kind:
            return f"dt.{kind}.fromisoformat({literal(value)})"
        case "uuid":
            return f"UUID({literal(value)})"
        case "bytes":
            return repr(b64decode(str(value)))
        case _:
            return literal(value)


def alias_name(field: FieldSpec, taken: frozenset[str]) -> str:
    """The module-level name of a field's bounded type: `Price` for `price`."""
    name = class_name(field.name)
    return f"{name}Value" if name in taken else name
