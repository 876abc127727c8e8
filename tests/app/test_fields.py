"""Types of single values, where the routes do not show the whole of them."""

from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from app.schemas.base import NESTING_MAX, PageRead, ReadSchema, Schema
from app.schemas.fields import Json, PlainDecimal
from tests.app.hostile_values import nested


def test_a_small_decimal_is_answered_in_plain_notation() -> None:
    written = TypeAdapter(PlainDecimal).dump_json
    assert [written(Decimal(text)) for text in ("0E-10", "1E-7", "12.50")] == [
        b'"0.0000000000"',
        b'"0.0000001"',
        b'"12.50"',
    ]


class Document(Schema):
    content: Json


class DocumentRead(ReadSchema):
    content: Json


def test_json_that_is_accepted_can_be_answered_in_a_list() -> None:
    document = Document(content=nested(NESTING_MAX))
    page = PageRead[DocumentRead](
        items=[DocumentRead.model_validate(document)], total=1, page=1, size=1, pages=1
    )
    assert page.model_dump(mode="json")["items"] == [{"content": nested(NESTING_MAX)}]
    with pytest.raises(ValidationError, match="levels deep"):
        Document(content=nested(NESTING_MAX + 1))
