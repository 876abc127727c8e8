"""Bulk creation that the database refuses: the answer names the item, and no row is left."""

from httpx2 import AsyncClient
from sqlalchemy import event

from app.core.config import get_settings
from app.core.context import Caller
from app.core.database import Database
from tests.app.factories.category import category_body, make_category
from tests.app.factories.product import product_body

URL = f"{get_settings().api_prefix}/categories"


async def test_two_items_in_conflict(client: AsyncClient, database: Database, caller: Caller) -> None:
    items = [await category_body(database, caller) for _ in range(3)]
    items[2]["name"] = items[0]["name"]
    response = await client.post(f"{URL}/bulk", json={"items": items})
    assert response.status_code == 409, response.text
    assert response.json()["detail"] == "items[2]: another category with this name exists"
    assert (await client.get(URL)).json()["total"] == 0


async def test_an_item_in_conflict_with_a_row(
    client: AsyncClient, database: Database, caller: Caller
) -> None:
    stored = await make_category(database, caller)
    items = [await category_body(database, caller), await category_body(database, caller, name=stored.name)]
    response = await client.post(f"{URL}/bulk", json={"items": items})
    assert response.status_code == 409, response.text
    assert response.json()["detail"].startswith("items[1]: ")
    rows = (await client.get(URL)).json()["items"]
    assert [row["public_id"] for row in rows] == [str(stored.public_id)]


async def test_references_cost_one_statement_however_many_there_are(
    client: AsyncClient, database: Database, shared_database: Database, caller: Caller
) -> None:
    items = [
        await product_body(
            database, caller, category_public_id=str((await make_category(database, caller)).public_id)
        )
        for _ in range(20)
    ]
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(shared_database.engine.sync_engine, "before_cursor_execute", note)
    try:
        response = await client.post(f"{get_settings().api_prefix}/products/bulk", json={"items": items})
    finally:
        event.remove(shared_database.engine.sync_engine, "before_cursor_execute", note)
    assert response.status_code == 201, response.text
    touching = [each for each in statements if "categories" in each or "products" in each]
    assert len(touching) == 2
