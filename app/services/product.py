"""The business rules of products."""

from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.typing import FilteringBoundLogger

from app.core.context import Unit
from app.repositories.base import Page
from app.repositories.category import CategoryRepository
from app.repositories.product import ProductRecord, ProductRepository
from app.schemas.product import (
    ProductBulk,
    ProductCreate,
    ProductOfCategoryQuery,
    ProductQuery,
    ProductUpdate,
)

log: FilteringBoundLogger = structlog.get_logger()


class ProductService:
    """What may be done with products, on behalf of the unit's caller."""

    def __init__(self, unit: Unit[AsyncSession]) -> None:
        self.unit = unit
        self.products = ProductRepository(unit.session)
        self.categories = CategoryRepository(unit.session)

    async def page(self, query: ProductQuery) -> Page[ProductRecord]:
        return await self.products.page(query, owner_id=self.unit.scope)

    async def page_of_category(self, public_id: UUID, query: ProductOfCategoryQuery) -> Page[ProductRecord]:
        """A page of the products of one category."""
        key = await self.categories.reach(public_id)
        return await self.products.page(query, owner_id=self.unit.scope, category_id=key)

    async def get(self, public_id: UUID) -> ProductRecord:
        return await self.products.get(public_id, owner_id=self.unit.scope)

    async def create(self, new: ProductCreate) -> ProductRecord:
        values, keys = await self._row(new.model_dump(), "body")
        product = await self.products.add(values, **keys)
        log.info("product.created", id=product.id, public_id=str(product.public_id))
        return product

    async def create_many(self, new: ProductBulk) -> list[UUID]:
        """Create all or none; what they refer to is looked up together."""
        await self.categories.learn_keys([item.category_public_id for item in new.items])
        rows = [
            await self._row(item.model_dump(), "body", "items", index) for index, item in enumerate(new.items)
        ]
        public_ids = await self.products.add_many(rows)
        log.info("product.bulk_created", created=len(public_ids))
        return public_ids

    async def replace(self, public_id: UUID, new: ProductCreate) -> ProductRecord:
        return await self._change(public_id, new.model_dump())

    async def update(self, public_id: UUID, changes: ProductUpdate) -> ProductRecord:
        return await self._change(public_id, changes.model_dump(exclude_unset=True))

    async def delete(self, public_id: UUID) -> None:
        product = await self._mine(public_id)
        await self.products.remove(product)
        log.info("product.deleted", id=product.id, public_id=str(product.public_id))

    async def _change(self, public_id: UUID, values: dict[str, Any]) -> ProductRecord:
        product = await self._mine(public_id)
        product = await self.products.change(product, values, **await self._keys(values, "body"))
        log.info("product.updated", id=product.id, public_id=str(product.public_id))
        return product

    async def _mine(self, public_id: UUID) -> ProductRecord:
        """The row, if the caller may change it."""
        return await self.products.get(public_id, owner_id=self.unit.scope)

    async def _row(
        self, values: dict[str, Any], *location: str | int
    ) -> tuple[dict[str, Any], dict[str, int | None]]:
        """The values and internal keys of a new row whose body stands at `location`."""
        keys = await self._keys(values, *location)
        caller = self.unit.caller
        return {**values, "owner_public_id": caller.public_id}, {**keys, "owner_id": caller.id}

    async def _keys(self, values: dict[str, Any], *location: str | int) -> dict[str, int | None]:
        """The internal keys behind the public ids in `values`."""
        keys: dict[str, int | None] = {}
        if "category_public_id" in values:
            keys["category_id"] = await self.categories.key(
                values["category_public_id"], *location, "category_public_id"
            )
        return keys
