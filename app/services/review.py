"""The business rules of reviews."""

from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.typing import FilteringBoundLogger

from app.core.context import Unit
from app.repositories.base import Page
from app.repositories.product import ProductRepository
from app.repositories.review import ReviewRecord, ReviewRepository
from app.schemas.review import (
    ReviewBulk,
    ReviewCreate,
    ReviewOfProductCreate,
    ReviewOfProductQuery,
    ReviewQuery,
    ReviewUpdate,
)

log: FilteringBoundLogger = structlog.get_logger()


class ReviewService:
    """What may be done with reviews, on behalf of the unit's caller."""

    def __init__(self, unit: Unit[AsyncSession]) -> None:
        self.unit = unit
        self.reviews = ReviewRepository(unit.session)
        self.products = ProductRepository(unit.session)

    async def page(self, query: ReviewQuery) -> Page[ReviewRecord]:
        return await self.reviews.page(query, owner_id=self.unit.scope)

    async def page_of_product(self, public_id: UUID, query: ReviewOfProductQuery) -> Page[ReviewRecord]:
        """A page of the reviews of one product."""
        key = await self.products.reach(public_id, owner_id=self.unit.scope)
        return await self.reviews.page(query, owner_id=self.unit.scope, product_id=key)

    async def get(self, public_id: UUID) -> ReviewRecord:
        return await self.reviews.get(public_id, owner_id=self.unit.scope)

    async def create(self, new: ReviewCreate) -> ReviewRecord:
        return await self._create(new.model_dump())

    async def create_of_product(self, public_id: UUID, new: ReviewOfProductCreate) -> ReviewRecord:
        """Create a review of one product."""
        await self.products.reach(public_id, owner_id=self.unit.scope)
        return await self._create({**new.model_dump(), "product_public_id": public_id})

    async def _create(self, body: dict[str, Any]) -> ReviewRecord:
        values, keys = await self._row(body, "body")
        review = await self.reviews.add(values, **keys)
        log.info("review.created", id=review.id, public_id=str(review.public_id))
        return review

    async def create_many(self, new: ReviewBulk) -> list[UUID]:
        """Create all or none; what they refer to is looked up together."""
        await self.products.learn_keys(
            [item.product_public_id for item in new.items], owner_id=self.unit.scope
        )
        rows = [
            await self._row(item.model_dump(), "body", "items", index) for index, item in enumerate(new.items)
        ]
        public_ids = await self.reviews.add_many(rows)
        log.info("review.bulk_created", created=len(public_ids))
        return public_ids

    async def replace(self, public_id: UUID, new: ReviewCreate) -> ReviewRecord:
        return await self._change(public_id, new.model_dump())

    async def update(self, public_id: UUID, changes: ReviewUpdate) -> ReviewRecord:
        return await self._change(public_id, changes.model_dump(exclude_unset=True))

    async def delete(self, public_id: UUID) -> None:
        review = await self._mine(public_id)
        await self.reviews.remove(review)
        log.info("review.deleted", id=review.id, public_id=str(review.public_id))

    async def _change(self, public_id: UUID, values: dict[str, Any]) -> ReviewRecord:
        review = await self._mine(public_id)
        review = await self.reviews.change(review, values, **await self._keys(values, "body"))
        log.info("review.updated", id=review.id, public_id=str(review.public_id))
        return review

    async def _mine(self, public_id: UUID) -> ReviewRecord:
        """The row, if the caller may change it."""
        return await self.reviews.get(public_id, owner_id=self.unit.scope)

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
        if "product_public_id" in values:
            keys["product_id"] = await self.products.key(
                values["product_public_id"], *location, "product_public_id", owner_id=self.unit.scope
            )
        return keys
