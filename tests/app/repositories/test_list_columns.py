"""Lists of values come back as they went in, whatever JSON makes of the values on the way."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, MetaData, Table, insert, select

from app.core.database import Database
from app.models.base import ListOf

LISTS: list[tuple[type, list[Any] | None]] = [
    (str, ["", "é日😀", '"]']),
    (int, [-(2**63), 2**63 - 1]),
    (float, [0.1, -1e300, 5e-324]),
    (bool, [True, False]),
    (Decimal, [Decimal("0.10"), Decimal("12345678901234567890.123456789012345678")]),
    (dt.date, [dt.date(1, 1, 1), dt.date(9999, 12, 31)]),
    (dt.datetime, [dt.datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=dt.UTC)]),
    (dt.time, [dt.time(23, 59, 59, 999999)]),
    (UUID, [UUID(int=0), UUID(int=2**128 - 1)]),
    (str, []),
    (str, None),
]


@pytest.mark.parametrize(("item", "values"), LISTS)
async def test_a_list_survives_the_database(
    shared_database: Database, item: type, values: list[Any] | None
) -> None:
    table = Table("list_values", MetaData(), Column("entries", ListOf(item)))
    async with shared_database.engine.connect() as connection:
        await connection.run_sync(table.create)
        try:
            await connection.execute(insert(table), {"entries": values})
            assert (await connection.execute(select(table.c.entries))).scalar_one() == values
            assert (await connection.execute(select(table.c.entries.is_(None)))).scalar_one() == (
                values is None
            )
        finally:
            await connection.run_sync(table.drop)
