"""What goes in and out of /products."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.models.product import ProductStatus
from app.schemas.base import BULK_MAX, ListQuery, PageRead, ReadSchema, Schema, unset
from app.schemas.fields import PlainUUID, scaled

Name = Annotated[str, Field(min_length=2, max_length=100)]
Sku = Annotated[str, Field(max_length=32)]
Description = Annotated[str, Field(max_length=10000)]
Price = Annotated[Decimal, Field(ge=0), scaled(12, 2)]


class ProductCreate(Schema):
    """What it takes to create a product, or to replace one."""

    name: Name
    sku: Sku
    description: Description | None = None
    price: Price
    status: ProductStatus = ProductStatus.DRAFT
    in_stock: bool = True
    category_public_id: UUID | None = None


class ProductUpdate(Schema):
    """The fields to change; what is not sent stays."""

    name: Name = unset()
    sku: Sku = unset()
    description: Description | None = unset()
    price: Price = unset()
    status: ProductStatus = unset()
    in_stock: bool = unset()
    category_public_id: UUID | None = unset()


class ProductBulk(Schema):
    """Several products to create at once, all or none."""

    items: Annotated[list[ProductCreate], Field(min_length=1, max_length=BULK_MAX)]


class ProductRead(ReadSchema):
    """Something for sale."""

    public_id: PlainUUID
    name: str
    sku: str
    description: str | None
    price: Decimal
    status: ProductStatus
    in_stock: bool
    category_public_id: PlainUUID | None
    owner_public_id: PlainUUID
    created_at: dt.datetime
    updated_at: dt.datetime


class ProductPage(PageRead):
    """One page of products."""

    items: list[ProductRead]


class ProductOfCategoryQuery(ListQuery):
    """Which products of one category to list, and in what order."""

    sort: Literal["created_at", "-created_at", "name", "-name", "price", "-price"] = "-created_at"
    search: Annotated[str, Field(min_length=1, max_length=200)] = unset()
    status: ProductStatus = unset()
    in_stock: bool = unset()
    price_min: Annotated[Decimal, scaled(12, 2)] = unset()
    price_max: Annotated[Decimal, scaled(12, 2)] = unset()


class ProductQuery(ProductOfCategoryQuery):
    """Which products to list, and in what order."""

    category_public_id: UUID = unset()
