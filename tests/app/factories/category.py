"""Categories for tests."""

from typing import Any

from app.core.context import Caller, Unit
from app.core.database import Database
from app.repositories.category import CategoryRecord
from app.schemas.category import CategoryCreate
from app.services.category import CategoryService
from tests.app.factories import numbers
from tests.app.factories.values import text


async def category_body(database: Database, caller: Caller, /, **values: Any) -> dict[str, Any]:
    """A valid JSON body. Rows that it must refer to are made first; `values` replace its own."""
    number = next(numbers)
    body: dict[str, Any] = {
        "name": text(number, 2, 100),
        "description": "a description",
    }
    return {**body, **values}


async def make_category(database: Database, caller: Caller, /, **values: Any) -> CategoryRecord:
    """A stored category."""
    new = CategoryCreate.model_validate(await category_body(database, caller, **values))
    async with database.writing() as session:
        return await CategoryService(Unit(session, caller)).create(new)
