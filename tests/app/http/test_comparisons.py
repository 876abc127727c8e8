"""What counts as the same text, and in which order rows come, on every database alike."""

import datetime as dt
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from httpx2 import AsyncClient
from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    Uuid,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError

from app.core.config import Settings, get_settings
from app.core.context import Caller
from app.core.database import Database, UtcDateTime
from app.models.base import UrlString
from app.repositories.conflicts import conflict_detail
from tests.app.factories.category import category_body

URL = f"{get_settings().api_prefix}/categories"
NESTED: Any = 1
for _ in range(60):
    NESTED = [NESTED]


@pytest.mark.parametrize("other", ["lycee", "LYCÉE", "lycée ", " lycée", "lyceé", "lycée\t"])
async def test_names_that_only_look_alike_are_two(
    client: AsyncClient, database: Database, caller: Caller, other: str
) -> None:
    for name in ("lycée", other):
        body = await category_body(database, caller, name=name)
        assert (await client.post(URL, json=body)).status_code == 201


async def test_the_same_name_is_refused(client: AsyncClient, database: Database, caller: Caller) -> None:
    body = await category_body(database, caller, name="uq_categories_public_id' for key 'x")
    assert (await client.post(URL, json=body)).status_code == 201
    refused = await client.post(URL, json=body)
    assert refused.status_code == 409
    assert refused.json()["detail"] == "another category with this name exists"


SAMPLES = Table(
    "samples",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("order", Integer),
    Column("at", UtcDateTime),
    Column("opens", Time),
    Column("price", Numeric(38, 10)),
    Column("ratio", Double),
    Column("token", Uuid),
    Column("data", JSON),
    Column("image", LargeBinary),
    Column("story", Text),
    Column("report", String(10_000)),
    Column("site", UrlString),
    UniqueConstraint("site", name="uq_samples_site"),
    CheckConstraint('"order" >= 0', name="ck_samples_order"),
    Index("ix_samples_order", "order"),
)
FULL: dict[str, Any] = {
    "at": dt.datetime(2026, 1, 31, 23, 59, 59, 999_999, tzinfo=dt.timezone(dt.timedelta(hours=-5))),
    "opens": dt.time(23, 59, 59, 250_001),
    "price": Decimal("9999999999999999999999999999.0123456789"),
    "ratio": 0.1 + 0.2,
    "data": {"z": 10**30, "a": 1.0, "deep": NESTED, "é": "\\ \" '"},
    "image": bytes(range(256)) * 256,
    "story": "😀" * 20_000,
    "report": "é" * 10_000,
    "site": "https://example.org/" + "x" * 2028,
}


@pytest.fixture
async def samples(database_url: str, settings: Settings) -> AsyncIterator[Database]:
    """A database with one more table, of every type, as the models would make it."""
    database = Database(settings)
    async with database.engine.begin() as connection:
        await connection.run_sync(SAMPLES.create)
    yield database
    async with database.engine.begin() as connection:
        await connection.run_sync(SAMPLES.drop)
    await database.close()


async def test_values_come_back_as_they_went(samples: Database) -> None:
    async with samples.writing() as session:
        await session.execute(insert(SAMPLES), FULL)
    async with samples.reading() as session:
        row = (await session.execute(select(SAMPLES))).one()._mapping
    found = {name: row[name] for name in FULL if name != "price"}
    assert found == {name: value for name, value in FULL.items() if name != "price"}
    assert list(found["data"]) == list(FULL["data"])
    assert found["at"].utcoffset() == dt.timedelta(0)
    if samples.engine.dialect.name != "sqlite":  # keeps decimals as floats of 15 digits
        assert row["price"] == FULL["price"]


async def test_null_is_the_largest_value(samples: Database) -> None:
    async with samples.writing() as session:
        await session.execute(insert(SAMPLES), [{"order": order} for order in (2, None, 1)])
    order = SAMPLES.c.order
    async with samples.reading() as session:
        up = (await session.execute(select(order).order_by(order.asc().nulls_last()))).scalars().all()
        down = (await session.execute(select(order).order_by(order.desc().nulls_first()))).scalars().all()
        top = (await session.execute(select(order).order_by(order.desc().nulls_last()))).scalars().all()
    assert (up, down, top) == ([1, 2, None], [None, 2, 1], [2, 1, None])


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"order": -1}, "the sample holds a value that its rules do not allow"),
        ({"site": "https://example.org/"}, "another sample with this site exists"),
    ],
    ids=["check", "unique"],
)
async def test_a_row_that_breaks_a_rule_is_a_conflict(
    samples: Database, row: dict[str, Any], told: str
) -> None:
    async with samples.writing() as session:
        await session.execute(insert(SAMPLES), {"site": "https://example.org/"})
    with pytest.raises(IntegrityError) as caught:
        async with samples.writing() as session:
            await session.execute(insert(SAMPLES), row)
    assert conflict_detail(caught.value, SAMPLES, "sample") == told
