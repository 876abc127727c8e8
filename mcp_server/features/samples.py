"""Values for the generated tests: two valid ones per field, a numbered one where rows must differ, and invalid ones.

All are Python source for the JSON value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from mcp_server.features.code import literal
from mcp_server.features.patterns import matching_texts
from mcp_server.features.ranges import type_range, value_range
from mcp_server.features.spec import (
    BIGINT_RANGE,
    BYTES_LENGTH,
    EMAIL_LENGTH,
    INT_RANGE,
    LIST_LENGTH,
    PRECISION_LIMIT,
    TEXT_LENGTH,
    URL_LENGTH,
    FeatureSpec,
    FieldSpec,
)


@dataclass(frozen=True, slots=True)
class FieldSamples:
    """`first` sorts before `second` unless they are equal; `numbered` depends on a variable `number`."""

    first: str
    second: str
    numbered: str
    invalid: tuple[tuple[str, str], ...]
    """What is wrong, and the value."""

    @property
    def distinct(self) -> bool:
        return self.first != self.second


def samples_of(spec: FeatureSpec) -> Mapping[str, FieldSamples]:
    """Samples of every field, by field name."""
    return {field.name: _samples(field) for field in spec.fields}


def _samples(field: FieldSpec) -> FieldSamples:
    first, second, numbered = _MAKERS[field.type.name](field)
    if field.readonly:
        return FieldSamples(first, second, numbered, (("readonly", first),))
    invalid = list(_invalid(field))
    if not field.nullable:
        invalid.append(("null", "None"))
    return FieldSamples(first, second, numbered, tuple(invalid))


Triple = tuple[str, str, str]
_FLOAT_PLACES = 9
"""Places behind the point that a float has room for beside a few before it."""


def _text(field: FieldSpec) -> Triple:
    shortest, longest = field.type.min or 0, field.type.max or TEXT_LENGTH
    if field.pattern is not None:
        found = matching_texts(field.pattern, shortest, longest)
        choice = f"{literal(tuple(found))}[number % {len(found)}]"
        return literal(found[0]), literal(found[-1]), choice
    stem = field.name.replace("_", " ")
    return (
        literal(_fitted(f"a {stem}", "a", shortest, longest)),
        literal(_fitted(f"b {stem}", "b", shortest, longest)),
        f"text(number, {shortest}, {min(longest, 255)})",
    )


def _fitted(text: str, short: str, shortest: int, longest: int) -> str:
    fitted = (text if len(text) <= longest else short)[:longest]
    return fitted.ljust(shortest, "x")


def _whole(field: FieldSpec) -> Triple:
    lowest, _ = type_range(field.type)
    low, high = map(int, value_range(field))
    start = low if low > lowest else max(low, min(high - 1, 1))
    end = min(start + 1, high)
    return literal(start), literal(end), f"whole(number, {start}, {high})"


def _fraction(field: FieldSpec) -> Triple:
    """Floats and decimals: the two ends of a small step inside the bounds."""
    with localcontext(prec=2 * PRECISION_LIMIT):
        return _step_inside(field)


def _step_inside(field: FieldSpec) -> Triple:
    is_decimal = field.type.name == "decimal"
    scale = field.type.scale or 0 if is_decimal else 2
    step = Decimal(1).scaleb(-scale)
    widest = Decimal(10) ** ((field.type.precision or 12) - scale) - step if is_decimal else Decimal(10) ** 9
    low, high = -widest, widest
    for bound, inclusive in ((field.ge, True), (field.gt, False)):
        if bound is not None:
            low = max(low, _on_grid(bound, step, up=True, inclusive=inclusive))
    for bound, inclusive in ((field.le, True), (field.lt, False)):
        if bound is not None:
            high = min(high, _on_grid(bound, step, up=False, inclusive=inclusive))
    if not is_decimal and low > high:  # bounds closer together than our step
        ends = [float(end) for end in (field.ge, field.gt, field.le, field.lt) if end is not None]
        value = literal(sum(ends) / len(ends))
        return value, value, value
    # SQLite counts in floats: those have room for many places near zero only, and elsewhere for whole numbers.
    many = scale > _FLOAT_PLACES
    usual = Decimal(int(widest >= 1 and not many)).quantize(step)
    start = low if low > -widest else max(low, min(high - step, usual))
    end = min(start + (1 if many and start else step), high)
    if is_decimal:
        return (
            literal(f"{start:.{scale}f}"),
            literal(f"{end:.{scale}f}"),
            f'decimal(number, "{start:.{scale}f}", "{high:.{scale}f}", {scale})',
        )
    return literal(float(start)), literal(float(end)), f'float(decimal(number, "{start}", "{high}", {scale}))'


def _on_grid(bound: Any, step: Decimal, *, up: bool, inclusive: bool) -> Decimal:
    exact = Decimal(str(bound))
    snapped = (exact / step).to_integral_value("ROUND_CEILING" if up else "ROUND_FLOOR") * step
    if snapped == exact and not inclusive:
        snapped += step if up else -step
    return snapped


def _enum(field: FieldSpec) -> Triple:
    values = field.type.values
    low, high = min(values), max(values)
    return literal(low), literal(high), f"{literal(tuple(values))}[number % {len(values)}]"


def _list(field: FieldSpec) -> Triple:
    first, second, _ = _MAKERS[_item(field).type.name](_item(field))
    return f"[{first}]", f"[{second}, {first}]", f"[{first}]"


def _item(field: FieldSpec) -> FieldSpec:
    """What the list holds, as a field of its own."""
    return FieldSpec(field.name, field.type.item or field.type)


_FIXED: Mapping[str, Triple] = {
    "bool": ("False", "True", "number % 2 == 0"),
    "date": ('"2026-01-02"', '"2026-03-04"', "date(number)"),
    "datetime": ('"2026-01-02T03:04:05Z"', '"2026-03-04T05:06:07Z"', "instant(number)"),
    "time": ('"03:04:05"', '"05:06:07"', "clock(number)"),
    "uuid": (
        '"0b0d2f5e-6d7c-4c1a-9a53-3d6c1f0a7b10"',
        '"f2f4c1b8-9c36-4f0e-8a21-7f1b6f0c2d11"',
        "str(uuid.UUID(int=number, version=4))",
    ),
    "json": ('{"a": [1, None]}', '{"b": "text"}', '{"number": number}'),
    "bytes": ('"Zmlyc3Q="', '"c2Vjb25k"', "base64(number)"),
    "email": ('"a@example.org"', '"b@example.org"', 'f"person-{number}@example.org"'),
    "url": ('"https://example.org/a"', '"https://example.org/b"', 'f"https://example.org/{number}"'),
    **dict.fromkeys(("ref", "one", "many"), ("None", "None", "None")),
}

_MAKERS: Mapping[str, Callable[[FieldSpec], Triple]] = {
    "string": _text,
    "text": _text,
    "int": _whole,
    "bigint": _whole,
    "float": _fraction,
    "decimal": _fraction,
    "enum": _enum,
    "list": _list,
    **dict.fromkeys(_FIXED, lambda field: _FIXED[field.type.name]),
}


def _invalid(field: FieldSpec) -> list[tuple[str, str]]:
    match field.type.name:
        case "string" | "text":
            longest = field.type.max if field.type.name == "string" else TEXT_LENGTH
            found = [
                ("too-long", f'"x" * {(longest or TEXT_LENGTH) + 1}'),
                ("nul", r'"\0"'),
                ("not-text", "{}"),
            ]
            if field.type.min:
                found.append(("too-short", '""' if field.type.min == 1 else f'"x" * {field.type.min - 1}'))
            return found
        case "int" | "bigint":
            lowest, highest = INT_RANGE if field.type.name == "int" else BIGINT_RANGE
            return [
                ("too-small", literal(_below(field, lowest))),
                ("too-large", literal(_above(field, highest))),
                ("not-a-number", '"many"'),
            ]
        case "float":
            found = [("not-a-number", '"many"')]
            if field.ge is not None or field.gt is not None:
                found.append(("too-small", literal(_below(field, 0))))
            if field.le is not None or field.lt is not None:
                found.append(("too-large", literal(_above(field, 0))))
            return found
        case "decimal":
            scale, precision = field.type.scale or 0, field.type.precision or 0
            return [
                ("too-precise", f'"0.{"0" * scale}1"'),
                ("too-large", f'"1{"0" * (precision - scale)}"'),
                ("not-a-number", '"many"'),
            ]
        case "email":
            return [("no-address", '"nobody"'), ("too-long", f'"x" * {EMAIL_LENGTH + 1}')]
        case "url":
            return [("no-address", '"nowhere"'), ("too-long", f'"https://example.org/" + "x" * {URL_LENGTH}')]
        case "bytes":
            return [("not-base64", '"%%%"'), ("too-long", f'"AAAA" * {BYTES_LENGTH // 3 + 1}')]
        case "list":
            wrong = [(f"item-{why}", f"[{value}]") for why, value in _invalid(_item(field))]
            first, *_ = _list(field)
            return [("not-a-list", "{}"), ("too-long", f"{first} * {LIST_LENGTH + 1}"), *wrong]
        case other:
            return _FIXED_INVALID[other]


def _below(field: FieldSpec, lowest: int) -> Any:
    if field.ge is not None:
        return field.ge - 1
    return field.gt if field.gt is not None else lowest - 1


def _above(field: FieldSpec, highest: int) -> Any:
    if field.le is not None:
        return field.le + 1
    return field.lt if field.lt is not None else highest + 1


_UNKNOWN = [("not-a-uuid", '"1"'), ("unknown", "str(uuid.uuid4())")]
_FIXED_INVALID: Mapping[str, list[tuple[str, str]]] = {
    "bool": [("not-a-bool", '"perhaps"')],
    "enum": [("no-such-label", '"no such label"')],
    "date": [("not-a-date", '"2026-02-30"'), ("seconds", "1704067200")],
    "datetime": [("no-offset", '"2026-01-02T03:04:05"'), ("seconds", "1704067200")],
    "time": [("with-offset", '"03:04:05+01:00"'), ("seconds", "60")],
    "uuid": [("not-a-uuid", '"1"')],
    "json": [("not-json", '"text"')],
    "ref": _UNKNOWN,
    "one": _UNKNOWN,
    "many": [
        ("not-a-list", '"1"'),
        ("not-a-uuid", '["1"]'),
        ("unknown", "[str(uuid.uuid4())]"),
        ("twice", "[str(uuid.UUID(int=0))] * 2"),
        ("too-many", "[str(uuid.UUID(int=number)) for number in range(101)]"),
    ],
}
