"""The business rules of categories."""

from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.typing import FilteringBoundLogger

from app.core.context import Unit
from app.repositories.base import Page
from app.repositories.category import CategoryRecord, CategoryRepository
from app.schemas.category import CategoryBulk, CategoryCreate, CategoryQuery, CategoryUpdate

log: FilteringBoundLogger = structlog.get_logger()


class CategoryService:
    """What may be done with categories, on behalf of the unit's caller."""

    def __init__(self, unit: Unit[AsyncSession]) -> None:
        self.unit = unit
        self.categories = CategoryRepository(unit.session)

    async def page(self, query: CategoryQuery) -> Page[CategoryRecord]:
        return await self.categories.page(query)

    async def get(self, public_id: UUID) -> CategoryRecord:
        return await self.categories.get(public_id)

    async def create(self, new: CategoryCreate) -> CategoryRecord:
        category = await self.categories.add(new.model_dump())
        log.info("category.created", id=category.id, public_id=str(category.public_id))
        return category

    async def create_many(self, new: CategoryBulk) -> list[UUID]:
        """Create all or none."""
        rows: list[tuple[dict[str, Any], dict[str, int | None]]] = [
            (item.model_dump(), {}) for item in new.items
        ]
        public_ids = await self.categories.add_many(rows)
        log.info("category.bulk_created", created=len(public_ids))
        return public_ids

    async def replace(self, public_id: UUID, new: CategoryCreate) -> CategoryRecord:
        return await self._change(public_id, new.model_dump())

    async def update(self, public_id: UUID, changes: CategoryUpdate) -> CategoryRecord:
        return await self._change(public_id, changes.model_dump(exclude_unset=True))

    async def delete(self, public_id: UUID) -> None:
        category = await self._mine(public_id)
        await self.categories.remove(category)
        log.info("category.deleted", id=category.id, public_id=str(category.public_id))

    async def _change(self, public_id: UUID, values: dict[str, Any]) -> CategoryRecord:
        category = await self._mine(public_id)
        category = await self.categories.change(category, values)
        log.info("category.updated", id=category.id, public_id=str(category.public_id))
        return category

    async def _mine(self, public_id: UUID) -> CategoryRecord:
        """The row, if the caller may change it."""
        return await self.categories.get(public_id)
