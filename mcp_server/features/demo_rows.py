"""Demo rows of a feature, as JSON bodies: varied enough to look at lists, filters and pages, the same each time."""

import datetime as dt
import hashlib
import math
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any, Final

from mcp_server.features.patterns import matching_texts
from mcp_server.features.ranges import room, step, value_range
from mcp_server.features.spec import PRECISION_LIMIT, RELATION_TYPES, TEXT_LENGTH, FeatureSpec, FieldSpec

ROWS: Final = 12
_FLOAT_STEP: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that only the database knows: the public id, or ids, of rows of another table."""

    name: str
    table: str
    many: bool
    required: bool


@dataclass(frozen=True, slots=True)
class DemoRows:
    """`path` below the API prefix takes each of `bodies` once the `references` are added."""

    table: str
    path: str
    bodies: tuple[Mapping[str, Any], ...]
    references: tuple[Reference, ...]


def demo_rows(specs: Iterable[FeatureSpec]) -> list[DemoRows]:
    """The rows of every feature, those that others refer to first."""
    by_name = {spec.feature: spec for spec in specs}
    return [_rows(spec, by_name) for spec in _targets_first(by_name)]


def _targets_first(specs: Mapping[str, FeatureSpec]) -> Iterator[FeatureSpec]:
    waiting = dict(specs)
    while waiting:
        ready = [spec for spec in waiting.values() if not _targets(spec) & (waiting.keys() - {spec.feature})]
        # Features that refer to each other: one that needs nobody comes first.
        free = [spec for spec in waiting.values() if not _targets(spec, required=True) & waiting.keys()]
        for spec in ready or free[:1] or list(waiting.values())[:1]:
            yield waiting.pop(spec.feature)


def _targets(spec: FeatureSpec, *, required: bool = False) -> set[str]:
    relations = [field for field in spec.fields if field.type.name in RELATION_TYPES]
    return {spec.target_of(field) for field in relations if _needed(field) or not required}


def _needed(field: FieldSpec) -> bool:
    return field.type.name != "many" and field.required


def _rows(spec: FeatureSpec, specs: Mapping[str, FeatureSpec]) -> DemoRows:
    given = [field for field in spec.fields if not field.readonly]
    plain = [field for field in given if field.type.name not in RELATION_TYPES]
    references = tuple(
        Reference(
            field.json_name,
            specs[target].names.table if (target := spec.target_of(field)) in specs else "users",
            field.type.name == "many",
            _needed(field),
        )
        for field in given
        if field.type.name in RELATION_TYPES
    )
    bodies = tuple(
        {field.json_name: _value(spec, field, number) for field in plain} for number in range(ROWS)
    )
    return DemoRows(spec.names.table, f"/{spec.names.path}", bodies, references)


def _value(spec: FeatureSpec, field: FieldSpec, number: int) -> Any:
    return _MAKERS[field.type.name](spec, field, number)


def _text(spec: FeatureSpec, field: FieldSpec, number: int) -> str:
    shortest, longest = field.type.min or 0, field.type.max or TEXT_LENGTH
    if field.pattern is not None:
        found = matching_texts(field.pattern, shortest, longest)
        return found[number % len(found)]
    about = spec.names.title if field.name in {"name", "title"} else field.name.replace("_", " ")
    text = f"{about[:1].upper()}{about[1:]} {number + 1}"
    if len(text) > longest:
        text = str(number + 1)[:longest]
    return text.ljust(shortest, ".")


def _number(_spec: FeatureSpec, field: FieldSpec, number: int) -> int | float | str:
    low, high = value_range(field)
    values = room(field)
    unit = _FLOAT_STEP if field.type.name == "float" else step(field.type)
    index = number * max(1, values // ROWS) % values
    with localcontext(prec=2 * PRECISION_LIMIT):
        exact = _start(field, low, high, unit * (values - 1)) + index * unit
    if field.type.name == "float":
        return min(max(float(exact), float(low)), float(high))
    return int(exact) if field.type.name != "decimal" else f"{exact:.{field.type.scale or 0}f}"


def _start(field: FieldSpec, low: Any, high: Any, span: Decimal) -> Decimal:
    """The lower bound that the spec gives; without one, zero or as near to it as fits."""
    if field.ge is not None or field.gt is not None:
        return Decimal(str(low))
    if math.isinf(high) or Decimal(str(high)) >= span:
        return Decimal(0)
    return Decimal(str(high)) - span


def _list(spec: FeatureSpec, field: FieldSpec, number: int) -> list[Any]:
    if field.type.item is None:
        return []
    item = FieldSpec(field.name, field.type.item)
    return [_value(spec, item, number + offset) for offset in (0, 1)]


def _uuid(spec: FeatureSpec, field: FieldSpec, number: int) -> str:
    digest = hashlib.sha256(f"{spec.feature}.{field.name}.{number}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


_START: Final = dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC)

_MAKERS: Final[Mapping[str, Callable[[FeatureSpec, FieldSpec, int], Any]]] = {
    "string": _text,
    "text": _text,
    "int": _number,
    "bigint": _number,
    "float": _number,
    "decimal": _number,
    "list": _list,
    "uuid": _uuid,
    "bool": lambda _spec, _field, number: number % 2 == 0,
    "date": lambda _spec, _field, number: (_START + dt.timedelta(days=number)).date().isoformat(),
    "datetime": lambda _spec, _field, number: (_START + dt.timedelta(days=number)).isoformat(),
    "time": lambda _spec, _field, number: (_START + dt.timedelta(minutes=number * 30)).time().isoformat(),
    "json": lambda _spec, _field, number: {"number": number + 1},
    "bytes": lambda spec, _field, number: b64encode(f"{spec.feature} {number + 1}".encode()).decode(),
    "email": lambda spec, _field, number: f"{spec.feature}-{number + 1}@example.com",
    "url": lambda spec, _field, number: f"https://example.com/{spec.names.path}/{number + 1}",
    "enum": lambda _spec, field, number: field.type.values[number % len(field.type.values)],
}
