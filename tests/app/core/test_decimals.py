"""Decimals in bodies and queries: text in plain notation, no digit more than the column keeps, described as enforced."""

import re
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from app.schemas.fields import scaled

PRICE: TypeAdapter[Decimal] = TypeAdapter(Annotated[Decimal, Field(ge=0), scaled(6, 2)])
ANY: TypeAdapter[Decimal] = TypeAdapter(Annotated[Decimal, scaled(6, 2)])
WHOLE: TypeAdapter[Decimal] = TypeAdapter(Annotated[Decimal, scaled(3, 0)])
FRACTION: TypeAdapter[Decimal] = TypeAdapter(Annotated[Decimal, scaled(2, 2)])


@pytest.mark.parametrize(
    ("taken", "kept"), [("1", "1.00"), ("0001.5", "1.50"), ("-0", "0.00"), (1.5, "1.50"), (7, "7.00")]
)
def test_gets_its_places(taken: Any, kept: str) -> None:
    assert str(PRICE.validate_python(taken)) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "1\n",
        "1e1",
        "+1",
        "1_0",
        ".5",
        "5.",
        "1,5",
        "0x1",
        "NaN",
        "Infinity",
        "1.234",
        "12345",
        "\N{ARABIC-INDIC DIGIT ONE}",
        "\N{FULLWIDTH DIGIT ONE}",
    ],
)
def test_refuses_other_notations(text: str) -> None:
    with pytest.raises(ValidationError):
        ANY.validate_python(text)


@pytest.mark.parametrize("value", [-1, "-1", 10_000, 1.001, True, None])
def test_refuses_what_the_column_cannot_keep(value: Any) -> None:
    with pytest.raises(ValidationError):
        PRICE.validate_python(value)


def test_without_places_or_without_whole_digits() -> None:
    assert str(WHOLE.validate_python("999")) == "999"
    assert str(FRACTION.validate_python("0.99")) == "0.99"
    for adapter, text in ((WHOLE, "1.0"), (WHOLE, "1000"), (FRACTION, "1.00")):
        with pytest.raises(ValidationError):
            adapter.validate_python(text)


def test_the_description_says_so() -> None:
    number, text = PRICE.json_schema()["anyOf"]
    assert number == {"type": "number", "minimum": 0, "exclusiveMaximum": 10_000}
    assert text == {"type": "string", "pattern": r"^[0-9]{1,4}(\.[0-9]{1,2})?$"}
    assert ANY.json_schema()["anyOf"][0]["exclusiveMinimum"] == -10_000


@given(st.text(alphabet="0123456789-.+e_ ", max_size=9))
def test_text_is_taken_exactly_where_the_description_allows_it(text: str) -> None:
    allowed = re.fullmatch(ANY.json_schema()["anyOf"][1]["pattern"], text) is not None
    try:
        ANY.validate_python(text)
        taken = True
    except ValidationError:
        taken = False
    assert taken == allowed
