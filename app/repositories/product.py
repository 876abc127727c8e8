"""The rows of products."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import bindparam

from app.models.category import Category
from app.models.product import Product, ProductStatus
from app.models.user import User
from app.repositories.base import Repository
from app.repositories.conditions import contains, public_id_of, refers_to


@dataclass(slots=True)
class ProductRecord:
    """A row of products as it leaves the repository; `id` stays inside the process."""

    id: int
    public_id: UUID
    name: str
    sku: str
    description: str | None
    price: Decimal
    status: ProductStatus
    in_stock: bool
    category_public_id: UUID | None
    owner_public_id: UUID
    created_at: dt.datetime
    updated_at: dt.datetime


class ProductRepository(Repository[ProductRecord]):
    title = "product"
    model = Product
    record = ProductRecord
    owner = Product.owner_id
    columns = (
        Product.id,
        Product.public_id,
        Product.name,
        Product.sku,
        Product.description,
        Product.price,
        Product.status,
        Product.in_stock,
        public_id_of(Category, Product.category_id),
        public_id_of(User, Product.owner_id),
        Product.created_at,
        Product.updated_at,
    )
    sorts = {
        "created_at": Product.created_at,
        "name": Product.name,
        "price": Product.price,
    }
    filters = {
        "search": contains("search", Product.name, Product.description),
        "status": Product.status == bindparam("status"),
        "in_stock": Product.in_stock == bindparam("in_stock"),
        "category_public_id": refers_to(Product.category_id, Category, "category_public_id"),
        "price_min": Product.price >= bindparam("price_min"),
        "price_max": Product.price <= bindparam("price_max"),
    }
