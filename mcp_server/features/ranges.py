"""What a number field can hold: the limits of its type and its own bounds, made inclusive."""

import math
from decimal import Context, Decimal
from typing import Final

from mcp_server.features.spec import BIGINT_RANGE, INT_RANGE, FieldSpec, Number, TypeSpec

_WIDE: Final = Context(prec=200)


def type_range(type_: TypeSpec) -> tuple[Number, Number]:
    """Lowest and highest value that the type holds."""
    if type_.name == "int":
        return INT_RANGE
    if type_.name == "bigint":
        return BIGINT_RANGE
    if type_.name == "float":
        return -math.inf, math.inf
    highest = _WIDE.subtract(Decimal(10) ** ((type_.precision or 0) - (type_.scale or 0)), step(type_))
    return -highest, highest


def step(type_: TypeSpec) -> Decimal:
    """Distance between two neighbouring values of a whole or decimal type."""
    return Decimal(1).scaleb(-(type_.scale or 0)) if type_.name == "decimal" else Decimal(1)


def value_range(field: FieldSpec) -> tuple[Number, Number]:
    """Lowest and highest value that the field accepts; the first is above the second if nothing fits."""
    low, high = type_range(field.type)
    lows, highs = [low], [high]
    if field.ge is not None:
        lows.append(field.ge)
    if field.gt is not None:
        lows.append(_beside(field, field.gt, 1))
    if field.le is not None:
        highs.append(field.le)
    if field.lt is not None:
        highs.append(_beside(field, field.lt, -1))
    return max(lows), min(highs)


def _beside(field: FieldSpec, bound: Number, direction: int) -> Number:
    if field.type.name == "float":
        return math.nextafter(float(bound), math.inf * direction)
    if field.type.name == "decimal":
        return _WIDE.add(Decimal(str(bound)), direction * step(field.type))
    return int(bound) + direction


def room(field: FieldSpec) -> int:
    """How many different values a number field has at least, counted up to a thousand."""
    low, high = value_range(field)
    if low > high:
        return 0
    # Floats are sampled in hundredths.
    unit = Decimal("0.01") if field.type.name == "float" else step(field.type)
    if math.inf in (high, -low):
        return 1000
    return int(min((Decimal(str(high)) - Decimal(str(low))) / unit, Decimal(999))) + 1
