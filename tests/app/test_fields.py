"""Types of single values, where the routes do not show the whole of them."""

import re
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from app.schemas.base import NESTING_MAX, PageRead, ReadSchema, Schema
from app.schemas.fields import Json, PlainDecimal, PlainUUID, WebAddress, scaled
from tests.app.hostile_values import nested


def test_a_small_decimal_is_answered_in_plain_notation() -> None:
    written = TypeAdapter(PlainDecimal).dump_json
    assert [written(Decimal(text)) for text in ("0E-10", "1E-7", "12.50")] == [
        b'"0.0000000000"',
        b'"0.0000001"',
        b'"12.50"',
    ]


def test_a_uuid_is_answered_and_described_as_one() -> None:
    plain, usual = TypeAdapter(PlainUUID), TypeAdapter(UUID)
    value = UUID("6f1c9a52-0c5e-4a6b-9d7e-2f3a4b5c6d7e")
    assert plain.dump_json(value) == usual.dump_json(value)
    assert plain.dump_python(value) is value
    for mode in ("validation", "serialization"):
        assert plain.json_schema(mode=mode) == usual.json_schema(mode=mode)


class Document(Schema):
    content: Json


class DocumentRead(ReadSchema):
    content: Json


class DocumentPage(PageRead):
    items: list[DocumentRead]


def test_json_that_is_accepted_can_be_answered_in_a_list() -> None:
    document = Document(content=nested(NESTING_MAX))
    page = DocumentPage(items=[DocumentRead.model_validate(document)], total=1, page=1, size=1, pages=1)
    written = page.model_dump(mode="json")
    assert written["items"] == [{"content": nested(NESTING_MAX)}]
    assert list(written) == ["items", "total", "page", "size", "pages"]
    with pytest.raises(ValidationError, match="levels deep"):
        Document(content=nested(NESTING_MAX + 1))


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/\r\nSet-Cookie: x=1",
        "http://exa\nmple.com",
        "https://example.com/\ta",
        " https://example.com",
        "https://example.com ",
        "https://example.com\n",
        "https:\\\\evil.com",
        "https://example.com\\evil",
        "http:example.com",
        "https:///evil.com",
        "https://example.com/%zz",
        "https://example.com/é",
        "ftp://example.com",
        "javascript://example.com",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="an address begins with"):
        TypeAdapter(WebAddress).validate_python(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com",
        "https://user@example.com:8443/a%20b/?c[]=d&e='f'#g/h?",
        "https://[::1]/",
        "https://xn--bcher-kva.example?",
    ],
)
def test_an_address_is_kept_as_it_was_sent(address: str) -> None:
    described = TypeAdapter(WebAddress).json_schema()
    assert TypeAdapter(WebAddress).validate_python(address) == address
    assert re.fullmatch(described["pattern"], address)


@pytest.mark.parametrize("value", ["text", 1, None, True])
def test_json_that_is_neither_object_nor_array_is_told_in_one_plain_error(value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        Document.model_validate({"content": value})
    assert [(error["loc"], error["msg"]) for error in refused.value.errors()] == [
        (("content",), "Value error, must be a JSON object or array")
    ]


@pytest.mark.parametrize(
    ("bounds", "minus"),
    [(Field(ge=0), False), (Field(gt=0), False), (Field(ge=-1), True), (Field(le=9), True)],
)
def test_the_pattern_of_a_decimal_has_a_sign_where_there_are_negative_ones(bounds: Any, minus: bool) -> None:
    described = TypeAdapter(Annotated[Decimal, bounds, scaled(12, 2)]).json_schema()
    (pattern,) = (each["pattern"] for each in described["anyOf"] if "pattern" in each)
    assert bool(re.search(pattern, "-1.00")) == minus
    assert re.search(pattern, "1.00")
