"""Fields one by one: is the type possible, do the modifiers fit it, can the default be stored?"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from mcp_server.features.inflection import with_article
from mcp_server.features.naming import is_name
from mcp_server.features.patterns import matcher, matching_texts
from mcp_server.features.problems import did_you_mean, problem, shown
from mcp_server.features.ranges import step, type_range, value_range
from mcp_server.features.spec import (
    ITEM_TYPES,
    NUMBER_TYPES,
    PRECISION_LIMIT,
    RELATION_TYPES,
    TEXT_LENGTH,
    TYPES,
    UNREADABLE,
    FeatureSpec,
    FieldSpec,
    Number,
    TypeSpec,
)
from mcp_server.features.values import number_text, to_default, to_number
from mcp_server.workspace.errors import Problem

ENUM_VALUES: Final = 100
_BOUNDS: Final = ("ge", "gt", "le", "lt")


def check_fields(spec: FeatureSpec) -> Iterator[Problem]:
    for number, field in enumerate(spec.fields):
        if field.type.name == UNREADABLE:
            continue  # reported when it was read
        place = f"fields[{number}]"
        wrong = list(_type(field.type, f"{place}.type"))
        yield from wrong
        yield from _fitting(field, place)
        yield from _self_reference(spec, field, place)
        if wrong:
            continue  # bounds, patterns and defaults of an impossible type mean nothing
        wrong = [*_bounds(field, place), *_pattern(field, place)]
        yield from wrong
        if not wrong and field.default is not None:
            yield from _default(field, f"{place}.default")


def _type(type_: TypeSpec, place: str) -> Iterator[Problem]:
    if type_.name not in TYPES:
        yield problem("SPEC005", place, f"{shown(type_.name)} is not a type", did_you_mean(type_.name, TYPES))
    elif type_.name == "string":
        yield from _string(type_, place)
    elif type_.name == "decimal":
        yield from _decimal(type_, place)
    elif type_.name == "enum" and type_.target is None:
        yield from check_labels(type_.values, place)
    elif type_.name in RELATION_TYPES and not type_.target:
        yield problem("SPEC006", place, f"{type_.name} needs a feature", f"Write {type_.name}(category).")
    elif type_.name == "list":
        if type_.item is None or type_.item.name not in ITEM_TYPES:
            reason = f"a list holds {', '.join(ITEM_TYPES)}"
            yield problem("SPEC006", place, reason, "Write list(string(..50)).")
        else:
            yield from _type(type_.item, place)


def _string(type_: TypeSpec, place: str) -> Iterator[Problem]:
    low, high = type_.min or 0, type_.max
    if high is None or not 1 <= high <= TEXT_LENGTH or low < 0:
        reason = f"{shown(high)} is not a longest length between 1 and {TEXT_LENGTH} characters"
        yield problem("SPEC036", place, reason, "Use text for long text without an index.")
    elif low > high:
        yield problem(
            "SPEC032", place, f"nothing has {low} to {high} characters", f"Write string({high}..{low})."
        )


def _decimal(type_: TypeSpec, place: str) -> Iterator[Problem]:
    precision, scale = type_.precision or 0, type_.scale or 0
    if not 1 <= precision <= PRECISION_LIMIT:
        reason = f"{precision} is not a number of digits from 1 to {PRECISION_LIMIT}"
        yield problem("SPEC033", place, reason, "Write decimal(12,2).")
    elif not 0 <= scale <= precision:
        reason = f"{scale} digits after the point do not fit into {precision} digits in all"
        yield problem(
            "SPEC033",
            place,
            reason,
            f"Write decimal({min(precision + max(scale, 0), PRECISION_LIMIT)},{max(scale, 0)}).",
        )


def check_labels(values: tuple[str, ...], place: str) -> Iterator[Problem]:
    """The values of an enum, whether a field or a spec declares it."""
    if not values:
        yield problem("SPEC030", place, "the enum has no values", "Write enum(draft,active).")
    if len(values) > ENUM_VALUES:
        reason = f"the enum has {len(values)} values, and {ENUM_VALUES} are the limit"
        yield problem("SPEC008", place, reason, "Make it a feature of its own and refer to it.")
    seen: set[str] = set()
    for position, value in enumerate(values):
        where = f"{place}.values[{position}]"
        if not value or value != value.strip():
            yield problem(
                "SPEC031", where, f"{shown(value)} is empty or padded with spaces", "Write the bare value."
            )
        elif value in seen:
            yield problem("SPEC031", where, f"{shown(value)} is there twice", "Drop one.")
        seen.add(value)


def _fitting(field: FieldSpec, place: str) -> Iterator[Problem]:
    """Modifiers that mean nothing for the type."""
    name = field.type.name
    fits: tuple[tuple[str, bool, bool, str], ...] = (
        (
            "pattern",
            field.pattern is not None,
            name in ("string", "text"),
            "Patterns are for string and text.",
        ),
        ("on_delete", field.on_delete is not None, field.is_reference, "Delete rules are for references."),
        (
            "as",
            field.back_reference is not None,
            field.is_reference and field.type.target != "user",
            "Routes below other rows are for ref and one, but not below users; filter by the field.",
        ),
        ("nullable", field.nullable, name != "many", "No links is an empty list; drop the ?."),
    )
    for key, given, right, hint in fits:
        if given and not right:
            yield problem(
                "SPEC034", f"{place}.{key}", f"{key} means nothing on {with_article(name)} field", hint
            )
    if name not in NUMBER_TYPES:
        for key in _BOUNDS:
            if getattr(field, key) is not None:
                reason = f"{with_article(name)} field has no numeric bounds"
                yield problem("SPEC034", f"{place}.{key}", reason, "Write string(min..max) for lengths.")
    if field.back_reference is not None and not is_name(field.back_reference):
        yield problem(
            "SPEC010", f"{place}.as", f"{shown(field.back_reference)} is not a name", "Write as=reviews."
        )
    if field.unique and field.default is not None:
        reason = "a unique field with a default could use it in one row only"
        yield problem("SPEC034", f"{place}.default", reason, "Drop the default, or unique.")


def _self_reference(spec: FeatureSpec, field: FieldSpec, place: str) -> Iterator[Problem]:
    if field.on_delete == "set_null" and not field.nullable and field.is_reference:
        reason = "a required reference cannot be set to null"
        yield problem(
            "SPEC051", f"{place}.on_delete", reason, "Make it optional with ?, or use restrict or cascade."
        )
    if field.is_reference and field.type.target in ("self", spec.feature) and not field.nullable:
        reason = "a required reference to its own feature leaves no way to create the first row"
        yield problem("SPEC051", place, reason, "Make it optional with ?.")


def _bounds(field: FieldSpec, place: str) -> Iterator[Problem]:
    if field.type.name not in NUMBER_TYPES:
        return
    wrong = False
    for key in _BOUNDS:
        bound = getattr(field, key)
        if bound is not None and not _holds(field.type, bound, strict=key in ("gt", "lt")):
            wrong = True
            reason = f"{with_article(field.type.name)} field of this size cannot hold {shown(bound)}"
            yield problem(
                "SPEC036", f"{place}.{key}", reason, "Use a bound that is itself a value of the field."
            )
    for one, other, signs in (("ge", "gt", ">= and >"), ("le", "lt", "<= and <")):
        if getattr(field, one) is not None and getattr(field, other) is not None:
            wrong = True
            yield problem("SPEC032", f"{place}.{other}", f"there are both {signs}", "Keep one of them.")
    if not wrong:
        low, high = value_range(field)
        if low > high:
            yield problem("SPEC032", place, "no value fits between the bounds", "Swap or widen them.")


def _holds(type_: TypeSpec, bound: Number, *, strict: bool) -> bool:
    """Whether a bound is a value of the type; a strict one may be the neighbour of the last value (`decimal(2,2) <1`)."""
    try:
        if to_number(type_, bound) != bound:
            return False
    except ValueError:
        return False
    if type_.name != "decimal":
        low, high = type_range(type_)
        return low <= bound <= high
    exact = Decimal(str(bound))
    highest = Decimal(type_range(type_)[1]) + (step(type_) if strict else 0)
    return abs(exact) <= highest and _decimals(exact) <= (type_.scale or 0)


def _decimals(value: Number) -> int:
    """Digits after the point that say something."""
    return len(number_text(value).partition(".")[2])


def _pattern(field: FieldSpec, place: str) -> Iterator[Problem]:
    if field.pattern is None or field.type.name not in ("string", "text"):
        return
    try:
        matching_texts(field.pattern, field.type.min or 0, field.type.max or TEXT_LENGTH)
    except ValueError as error:
        hint = "Use plain regular expressions (Rust syntax: no look-around, no back references) that fit the length."
        yield problem("SPEC035", f"{place}.pattern", f"{shown(field.pattern)} cannot be used: {error}", hint)


def _default(field: FieldSpec, place: str) -> Iterator[Problem]:
    name, default = field.type.name, field.default
    wrong = ""
    try:
        canonical = to_default(field.type, default)
        if canonical != default or type(canonical) is not type(default):
            wrong = f"its canonical form is {shown(canonical)}"
    except ValueError as error:
        wrong = str(error)
    if wrong:
        reason = f"{shown(default)} cannot be the default of {with_article(name)} field: {wrong}"
        yield problem("SPEC040", place, reason, "Give a value of that type, or leave the default out.")
        return
    judge = _OUTSIDE.get(name)
    outside = judge(field) if judge else ""
    if outside:
        yield problem("SPEC041", place, f"{shown(default)} {outside}", "Change the default or the bounds.")


def _number_outside(field: FieldSpec) -> str:
    low, high = value_range(field)
    default = field.default
    if isinstance(default, str) or default is None or not low <= default <= high:
        return f"is not between {shown(low)} and {shown(high)}"
    if field.type.name == "decimal" and _decimals(default) > (field.type.scale or 0):
        return f"has more than {field.type.scale} digits after the point"
    return ""


def _text_outside(field: FieldSpec) -> str:
    text = str(field.default)
    low, high = field.type.min or 0, field.type.max or TEXT_LENGTH
    if not low <= len(text) <= high:
        return f"does not have {low} to {high} characters"
    if field.pattern is not None and not matcher(field.pattern)(text):
        return "does not match the field's own pattern"
    return ""


_OUTSIDE: Final[dict[str, Callable[[FieldSpec], str]]] = {
    **dict.fromkeys(NUMBER_TYPES, _number_outside),
    "string": _text_outside,
    "text": _text_outside,
}
