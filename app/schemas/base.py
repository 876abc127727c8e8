"""The bases of every schema: bodies refuse what they do not know, queries are bounded, answers read attributes."""

from math import isfinite
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

SKIP_MAX = 2**63 - 1
LIMIT_MAX = 100
CURSOR_MAX = 8192
BULK_MAX = 1000
NESTING_MAX = 100
"""Pydantic writes no more than 255 levels, those of the answer included: what is deeper could be stored and never read."""


class Schema(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_unstorable(cls, value: Any) -> Any:
        if not _storable(value):
            raise ValueError(
                "must not hold NUL characters, lone surrogates, infinity or NaN,"
                f" nor be nested more than {NESTING_MAX} levels deep"
            )
        return value


class ReadSchema(BaseModel):
    """What the service answers. No defaults: clients may rely on every field.

    Built with the first answer, not at the start, which hundreds of features would make long.
    """

    model_config = ConfigDict(from_attributes=True, validate_by_name=True, defer_build=True)


def unset(**options: Any) -> Any:
    """A field that may be left out and has no value then: `model_fields_set` tells whether it was sent."""
    return Field(default_factory=lambda: None, **options)


class ListQuery(Schema):
    """The part of a list's query that all lists share."""

    skip: Annotated[int, Field(ge=0, le=SKIP_MAX, description="How many rows to pass over")] = 0
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX, description="How many rows to return")] = 20


class CursorQuery(Schema):
    """The part of a list's query that all lists by cursor share."""

    cursor: Annotated[
        str, Field(max_length=CURSOR_MAX, description="Where to go on: the last page's `next_cursor`")
    ] = unset()
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX, description="How many rows to return")] = 20


class PageRead(ReadSchema):
    """One page of rows; `page` counts from 1. Each list says what its `items` are."""

    items: list[Any]
    total: int
    page: int
    size: int
    pages: int


class CursorPageRead(ReadSchema):
    """Some rows; `next_cursor` leads to those that follow, and is null at the end. Each list says what its `items` are."""

    items: list[Any]
    next_cursor: str | None
    size: int


class BulkRead(ReadSchema):
    """The answer to a bulk creation, in the order of the items sent."""

    created: int
    public_ids: list[UUID]


def _storable(value: Any, levels: int = NESTING_MAX) -> bool:
    """Databases refuse NUL and lone surrogates in text, and NaN in JSON; so do we, at any depth, before they see it."""
    if isinstance(value, str):
        return "\0" not in value and (value.isascii() or _encodable(value))
    if isinstance(value, dict):
        return levels > 0 and all(
            _storable(key) and _storable(item, levels - 1) for key, item in value.items()
        )
    if isinstance(value, list):
        return levels > 0 and all(_storable(item, levels - 1) for item in value)
    return not isinstance(value, float) or isfinite(value)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
