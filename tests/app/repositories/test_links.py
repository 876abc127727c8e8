"""Links of a repository: written with the row, and read for a whole page in one statement."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, event, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import CreateTable

from app.core.context import Caller
from app.core.database import Database
from app.models.category import Category
from app.models.product import Product
from app.repositories.category import CategoryRecord, CategoryRepository
from app.repositories.links import Links
from app.schemas.category import CategoryCreate, CategoryQuery
from tests.app.factories.category import category_body, make_category
from tests.app.factories.product import make_product

STAMPED = ("id", "public_id", "created_at", "updated_at")
_KEYS = {"category_id": Integer, "other_id": Integer}
NEIGHBOURS, GOODS = (
    Table(name, MetaData(), *(Column(key, kind, primary_key=True) for key, kind in _KEYS.items()), prefixes=["TEMPORARY"])
    for name in ("category_neighbours", "category_goods")
)  # fmt: skip


@dataclass(slots=True)
class LinkedRecord(CategoryRecord):
    neighbours_public_ids: list[UUID] = field(default_factory=list)
    goods_public_ids: list[UUID] = field(default_factory=list)


class LinkedRepository(CategoryRepository):
    record = LinkedRecord
    links = (
        Links("neighbours_public_ids", NEIGHBOURS.c.category_id, NEIGHBOURS.c.other_id, Category),
        Links("goods_public_ids", GOODS.c.category_id, GOODS.c.other_id, Product),
    )
    filters = {"goods_public_id": links[1].lead_to(Category.id, "goods_public_id")}


goods_of = attrgetter("goods_public_ids")
neighbours_of = attrgetter("neighbours_public_ids")


class GoodsQuery(CategoryQuery):
    goods_public_id: UUID


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    async with database.writing() as session:
        for table in (NEIGHBOURS, GOODS):
            await session.execute(
                CreateTable(table, if_not_exists=True)
            )  # MySQL keeps it with the connection
        yield session


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_links_of_a_page_cost_one_statement_for_all_kinds(
    session: AsyncSession, database: Database, shared_database: Database, caller: Caller
) -> None:
    rows = [await make_category(database, caller) for _ in range(5)]
    goods = [await make_product(database, caller) for _ in range(3)]
    pairs = [(row, good) for row in rows for good in goods]
    await session.execute(
        insert(GOODS), [{"category_id": row.id, "other_id": good.id} for row, good in pairs]
    )
    await session.execute(insert(NEIGHBOURS), [{"category_id": rows[0].id, "other_id": rows[1].id}])
    with statements(shared_database) as seen:
        page = await LinkedRepository(session).page(CategoryQuery(sort="created_at"))
    assert len(seen) == 2
    assert [goods_of(record) for record in page.items] == [[good.public_id for good in goods]] * 5
    assert [neighbours_of(record) for record in page.items] == [[rows[1].public_id], [], [], [], []]
    wanted = GoodsQuery(sort="created_at", goods_public_id=goods[1].public_id)
    assert (await LinkedRepository(session).page(wanted)).total == 5
    await session.execute(GOODS.delete().where(GOODS.c.category_id != rows[3].id))
    assert [one.id for one in (await LinkedRepository(session).page(wanted)).items] == [rows[3].id]
    with statements(shared_database) as seen:
        await CategoryRepository(session).page(CategoryQuery())
    assert len(seen) == 1


async def category_values(database: Database, caller: Caller) -> dict[str, Any]:
    """The values of a new row; categories may have got more fields than these tests know."""
    every = {each.name: None for each in fields(CategoryRecord) if each.name not in STAMPED}
    return every | CategoryCreate.model_validate(await category_body(database, caller)).model_dump()


async def test_links_are_written_with_their_row_and_replaced_as_a_whole(
    session: AsyncSession, database: Database, caller: Caller
) -> None:
    goods = [await make_product(database, caller) for _ in range(3)]
    ids, keys = [good.public_id for good in goods], [good.id for good in goods]
    rows = LinkedRepository(session)
    values = await category_values(database, caller)
    made = await rows.add({**values, "goods_public_ids": ids[::-1]}, goods_public_ids=keys[::-1])
    assert goods_of(made) == ids  # oldest first, as a read gives them
    assert await rows.get(made.public_id) == made
    changed = await rows.change(made, {"goods_public_ids": ids[:1]}, goods_public_ids=keys[:1])
    assert goods_of(changed) == ids[:1]
    renamed = await rows.change(changed, {"name": "two"})
    assert await rows.get(made.public_id) == renamed
    assert goods_of(renamed) == ids[:1]
    emptied = await rows.change(renamed, {"goods_public_ids": []}, goods_public_ids=[])
    assert goods_of(await rows.get(made.public_id)) == goods_of(emptied) == []


async def test_links_of_many_new_rows_cost_one_statement_for_each_kind(
    session: AsyncSession, database: Database, shared_database: Database, caller: Caller
) -> None:
    goods = [await make_product(database, caller) for _ in range(2)]
    keys = {"goods_public_ids": [good.id for good in goods]}
    new = [(await category_values(database, caller), keys) for _ in range(4)]
    rows = LinkedRepository(session)
    with statements(shared_database) as seen:
        public_ids = await rows.add_many(new)
    assert [each.split()[0] for each in seen if "SAVEPOINT" not in each] == ["INSERT", "SELECT", "INSERT"]
    for public_id in public_ids:
        assert goods_of(await rows.get(public_id)) == [good.public_id for good in goods]
