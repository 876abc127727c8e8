"""What goes in and out of /categories."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from app.schemas.base import BULK_MAX, ListQuery, PageRead, ReadSchema, Schema, unset
from app.schemas.fields import PlainUUID

Name = Annotated[str, Field(min_length=2, max_length=100)]
Description = Annotated[str, Field(max_length=10000)]


class CategoryCreate(Schema):
    """What it takes to create a category, or to replace one."""

    name: Name
    description: Description | None = None


class CategoryUpdate(Schema):
    """The fields to change; what is not sent stays."""

    name: Name = unset()
    description: Description | None = unset()


class CategoryBulk(Schema):
    """Several categories to create at once, all or none."""

    items: Annotated[list[CategoryCreate], Field(min_length=1, max_length=BULK_MAX)]


class CategoryRead(ReadSchema):
    """A group of products."""

    public_id: PlainUUID
    name: str
    description: str | None
    created_at: dt.datetime
    updated_at: dt.datetime


class CategoryPage(PageRead):
    """One page of categories."""

    items: list[CategoryRead]


class CategoryQuery(ListQuery):
    """Which categories to list, and in what order."""

    sort: Literal["created_at", "-created_at", "name", "-name"] = "-created_at"
    search: Annotated[str, Field(min_length=1, max_length=200)] = unset()
