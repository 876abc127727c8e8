"""What goes in and out of /reviews."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.schemas.base import BULK_MAX, ListQuery, PageRead, ReadSchema, Schema, unset
from app.schemas.fields import Int32, PlainUUID

Rating = Annotated[int, Field(ge=1, le=5)]
Title = Annotated[str, Field(max_length=120)]
Body = Annotated[str, Field(max_length=10000)]


class ReviewOfProductCreate(Schema):
    """What it takes to create a review of a given product."""

    rating: Rating
    title: Title | None = None
    body: Body | None = None


class ReviewCreate(ReviewOfProductCreate):
    """What it takes to create a review, or to replace one."""

    product_public_id: UUID


class ReviewUpdate(Schema):
    """The fields to change; what is not sent stays."""

    product_public_id: UUID = unset()
    rating: Rating = unset()
    title: Title | None = unset()
    body: Body | None = unset()


class ReviewBulk(Schema):
    """Several reviews to create at once, all or none."""

    items: Annotated[list[ReviewCreate], Field(min_length=1, max_length=BULK_MAX)]


class ReviewRead(ReadSchema):
    """What somebody says about a product."""

    public_id: PlainUUID
    product_public_id: PlainUUID
    rating: int
    title: str | None
    body: str | None
    owner_public_id: PlainUUID
    created_at: dt.datetime
    updated_at: dt.datetime


class ReviewPage(PageRead):
    """One page of reviews."""

    items: list[ReviewRead]


class ReviewOfProductQuery(ListQuery):
    """Which reviews of one product to list, and in what order."""

    sort: Literal["created_at", "-created_at", "rating", "-rating"] = "-created_at"
    rating_min: Int32 = unset()
    rating_max: Int32 = unset()


class ReviewQuery(ReviewOfProductQuery):
    """Which reviews to list, and in what order."""

    product_public_id: UUID = unset()
