"""Types of single values, where the routes do not show the whole of them."""

from decimal import Decimal

from pydantic import TypeAdapter

from app.schemas.fields import PlainDecimal


def test_a_small_decimal_is_answered_in_plain_notation() -> None:
    written = TypeAdapter(PlainDecimal).dump_json
    assert [written(Decimal(text)) for text in ("0E-10", "1E-7", "12.50")] == [
        b'"0.0000000000"',
        b'"0.0000001"',
        b'"12.50"',
    ]
