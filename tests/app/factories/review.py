"""Reviews for tests."""

from typing import Any

from app.core.context import Caller, Unit
from app.core.database import Database
from app.repositories.review import ReviewRecord
from app.schemas.review import ReviewCreate
from app.services.review import ReviewService
from tests.app.factories.product import make_product


async def review_body(database: Database, caller: Caller, /, **values: Any) -> dict[str, Any]:
    """A valid JSON body. Rows that it must refer to are made first; `values` replace its own."""
    body: dict[str, Any] = {
        "rating": 1,
        "title": "a title",
        "body": "a body",
    }
    if "product_public_id" not in values:
        values["product_public_id"] = str((await make_product(database, caller)).public_id)
    return {**body, **values}


async def make_review(database: Database, caller: Caller, /, **values: Any) -> ReviewRecord:
    """A stored review that belongs to `caller`."""
    new = ReviewCreate.model_validate(await review_body(database, caller, **values))
    async with database.writing() as session:
        return await ReviewService(Unit(session, caller)).create(new)
