"""The rows of categories."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from app.models.category import Category
from app.repositories.base import Repository
from app.repositories.conditions import contains


@dataclass(slots=True)
class CategoryRecord:
    """A row of categories as it leaves the repository; `id` stays inside the process."""

    id: int
    public_id: UUID
    name: str
    description: str | None
    created_at: dt.datetime
    updated_at: dt.datetime


class CategoryRepository(Repository[CategoryRecord]):
    title = "category"
    model = Category
    record = CategoryRecord
    columns = (
        Category.id,
        Category.public_id,
        Category.name,
        Category.description,
        Category.created_at,
        Category.updated_at,
    )
    sorts = {
        "created_at": Category.created_at,
        "name": Category.name,
    }
    filters = {
        "search": contains("search", Category.name),
    }
