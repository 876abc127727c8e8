"""Lists by cursor, over rows of every kind: nothing is missed, nothing comes twice, and a cursor says nothing."""

import base64
from dataclasses import dataclass, fields
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.context import Caller
from app.core.cursors import Cursors
from app.core.database import Database, WriteSession
from app.core.errors import Invalid
from app.models.product import Product, ProductStatus
from app.repositories.keyset import CursorPage, KeysetRepository
from app.repositories.product import ProductRecord, ProductRepository
from app.schemas.product import ProductCreate
from tests.app.factories.product import product_body
from tests.app.factories.user import make_user

CURSORS = Cursors("a secret of thirty-two characters, or more")


class Products(KeysetRepository[ProductRecord]):
    """Products by cursor, in an order of every type that can be sorted by, nulls among them."""

    title = ProductRepository.title
    model = ProductRepository.model
    record = ProductRecord
    owner = ProductRepository.owner
    columns = ProductRepository.columns
    filters = ProductRepository.filters
    sorts = {
        "created_at": Product.created_at,
        "name": Product.name,
        "price": Product.price,
        "status": Product.status,
        "in_stock": Product.in_stock,
        "public_id": Product.public_id,
        "description": Product.description,
        "category_id": Product.category_id,
    }


@dataclass
class Query:
    sort: str
    limit: int
    cursor: str = ""
    status: ProductStatus | None = None

    @property
    def model_fields_set(self) -> set[str]:
        return {"sort", "limit"} | {name for name in ("cursor", "status") if getattr(self, name)}


STAMPED = ("id", "public_id", "created_at", "updated_at")
ORDERS = [sign + name for name in Products.sorts for sign in ("", "-")]
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.text("abAB é日", min_size=2, max_size=3),
            "description": st.none() | st.sampled_from(["", "a", "b", "é"]),
            "price": st.sampled_from([Decimal("0.00"), Decimal("0.10"), Decimal("9999999999.99")]),
            "status": st.sampled_from(ProductStatus),
            "in_stock": st.booleans(),
            "mine": st.booleans(),
        }
    ),
    max_size=12,
    unique_by=lambda row: row["name"].casefold(),
)


async def plain(database: Database, caller: Caller) -> dict[str, Any]:
    """The values of a row; products may have got more fields than the tests know."""
    every = {field.name: None for field in fields(ProductRecord) if field.name not in STAMPED}
    return every | ProductCreate.model_validate(await product_body(database, caller)).model_dump()


async def insert(
    session: WriteSession, known: dict[str, Any], rows: list[dict[str, Any]], mine: Caller, theirs: Caller
) -> None:
    """Add the rows, with what is `known` in the fields that they do not name."""
    for row in rows:
        values = known | {name: value for name, value in row.items() if name != "mine"}
        owner = mine if row["mine"] else theirs
        values |= {"category_public_id": None, "owner_public_id": owner.public_id, "sku": row["name"]}
        await Products(session).add(values, owner_id=owner.id)


async def walk(
    session: WriteSession, query: Query, *, owner_id: int | None = None
) -> list[CursorPage[ProductRecord]]:
    pages = [await Products(session).walk(query, CURSORS, owner_id=owner_id)]
    while pages[-1].next_cursor is not None:
        query.cursor = pages[-1].next_cursor
        pages.append(await Products(session).walk(query, CURSORS, owner_id=owner_id))
    return pages


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=ROWS, sort=st.sampled_from(ORDERS), limit=st.integers(1, 5), scoped=st.booleans())
async def test_a_walk_is_the_whole_list_in_its_order(
    database: Database, rows: list[dict[str, Any]], sort: str, limit: int, scoped: bool
) -> None:
    mine, theirs = await make_user(database), await make_user(database)
    known = await plain(database, mine)
    async with database.writing() as session, session.begin_nested() as example:
        await insert(session, known, rows, mine, theirs)
        owner_id = mine.id if scoped else None
        offset: Any = SimpleNamespace(skip=0, limit=100, sort=sort, model_fields_set=set())
        listed = await ByOffset(session).page(offset, owner_id=owner_id)
        pages = await walk(session, Query(sort, limit), owner_id=owner_id)
        assert [record.id for page in pages for record in page.items] == [each.id for each in listed.items]
        assert len(listed.items) == len([row for row in rows if row["mine"] or not scoped])
        assert all(len(page.items) == limit for page in pages[:-1])
        await example.rollback()


class ByOffset(ProductRepository):
    sorts = Products.sorts


@pytest.fixture
async def twelve(database: Database, caller: Caller) -> list[dict[str, Any]]:
    rows = [
        {"name": f"name {number:02}", "description": None, "price": Decimal(number % 3), "in_stock": True,
         "status": ProductStatus.ACTIVE if number % 2 else ProductStatus.DRAFT, "mine": True}
        for number in range(12)
    ]  # fmt: skip
    known = await plain(database, caller)
    async with database.writing() as session:
        await insert(session, known, rows, caller, caller)
    return rows


async def test_rows_that_come_and_go_move_no_other_row(
    database: Database, caller: Caller, twelve: list[dict[str, Any]]
) -> None:
    known = await plain(database, caller)
    async with database.writing() as session:
        query = Query("price", 5)
        first = await Products(session).walk(query, CURSORS)
        for record in first.items:  # those that were read go, and so does the row of the cursor
            await Products(session).remove(record)
        await insert(session, known, [{**twelve[0], "name": "before"}], caller, caller)
        query.cursor = first.next_cursor or ""
        rest = [record for page in await walk(session, query) for record in page.items]
        read = [record.name for record in (*first.items, *rest)]
        assert len(read) == len(set(read)) == 12
        assert sorted(read) == sorted(f"name {number:02}" for number in range(12))


@pytest.mark.usefixtures("twelve")
async def test_filters_hold_on_every_page(database: Database) -> None:
    async with database.writing() as session:
        pages = await walk(session, Query("-name", 4, status=ProductStatus.ACTIVE))
    names = [record.name for page in pages for record in page.items]
    assert names == [f"name {number:02}" for number in range(11, 0, -2)]
    assert [page.next_cursor is None for page in pages] == [False, True]


@pytest.mark.usefixtures("twelve")
async def test_a_cursor_is_opaque_and_leads_on_in_its_own_list_and_order_only(database: Database) -> None:
    async with database.writing() as session:
        page = await Products(session).walk(Query("name", 3), CURSORS)
        cursor = page.next_cursor or ""
        inside = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        assert b"name 02" not in inside
        assert str(page.items[-1].id).encode() not in inside or len(str(page.items[-1].id)) < 3
        elsewhere = Cursors("another secret of thirty-two characters")
        for sort, cursors, text in [
            ("-name", CURSORS, cursor),
            ("price", CURSORS, cursor),
            ("name", elsewhere, cursor),
            ("name", CURSORS, cursor[:-4]),
            ("name", CURSORS, "A" + cursor[1:] if cursor[0] != "A" else "B" + cursor[1:]),
            ("name", CURSORS, "nonsense"),
            ("name", CURSORS, "é"),
            ("name", CURSORS, CURSORS.seal(b'["a",1]', "users", "name")),
            ("status", CURSORS, CURSORS.seal(b'["a label of old",1]', "products", "status")),
        ]:
            with pytest.raises(Invalid) as raised:
                await Products(session).walk(Query(sort, 3, text), cursors)
            assert raised.value.location == ("query", "cursor")
