"""Products for tests."""

from typing import Any

from app.core.context import Caller, Unit
from app.core.database import Database
from app.repositories.product import ProductRecord
from app.schemas.product import ProductCreate
from app.services.product import ProductService
from tests.app.factories import numbers
from tests.app.factories.values import text


async def product_body(database: Database, caller: Caller, /, **values: Any) -> dict[str, Any]:
    """A valid JSON body. Rows that it must refer to are made first; `values` replace its own."""
    number = next(numbers)
    body: dict[str, Any] = {
        "name": text(number, 2, 100),
        "sku": text(number, 0, 32),
        "description": "a description",
        "price": "0.00",
        "status": "active",
        "in_stock": False,
    }
    return {**body, **values}


async def make_product(database: Database, caller: Caller, /, **values: Any) -> ProductRecord:
    """A stored product that belongs to `caller`."""
    new = ProductCreate.model_validate(await product_body(database, caller, **values))
    async with database.writing() as session:
        return await ProductService(Unit(session, caller)).create(new)
