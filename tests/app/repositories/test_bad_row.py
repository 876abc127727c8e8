"""The first bad row among many is the one that inserting them one by one would stop at."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, event, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Database
from app.repositories.bad_row import first_bad_row

METADATA = MetaData()
GROUPS = Table("bad_row_groups", METADATA, Column("id", Integer, primary_key=True))
ROWS = Table(
    "bad_row_rows",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("label", Integer, nullable=False, unique=True),
    Column("group_id", ForeignKey(GROUPS.c.id)),
)
ROW = st.fixed_dictionaries(
    {"label": st.integers(1, 60) | st.none(), "group_id": st.sampled_from([1] * 20 + [None, 2])}
)


@pytest.fixture(scope="module")
async def tables(shared_database: Database) -> AsyncIterator[Database]:
    async with shared_database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
        await connection.execute(insert(GROUPS), {"id": 1})
        await connection.execute(insert(ROWS), {"label": 60})
    yield shared_database
    async with shared_database.engine.begin() as connection:
        await connection.run_sync(METADATA.drop_all)


async def one_by_one(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> tuple[int, str] | None:
    async with session.begin_nested() as everything:
        for place, row in enumerate(rows):
            try:
                async with session.begin_nested():
                    await session.execute(insert(ROWS), row)
            except IntegrityError as error:
                return place, str(error.orig)
        await everything.rollback()
    return None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=20))
async def test_it_is_the_one_that_inserting_them_one_by_one_stops_at(
    tables: Database, rows: list[dict[str, Any]]
) -> None:
    async with AsyncSession(tables.engine, expire_on_commit=False) as session:
        found = await first_bad_row(session, insert(ROWS), rows)
        left = await session.scalar(select(func.count()).select_from(ROWS))
        wanted = await one_by_one(session, rows)
        await session.rollback()
    assert left == 1, "nothing is stored"
    assert (found and (found[0], str(found[1].orig))) == wanted


@pytest.mark.parametrize("bad", [0, 499, 999])
async def test_a_thousand_rows_take_ten_tries(tables: Database, bad: int) -> None:
    rows = [{"label": 60 if place == bad else 1_000 + place, "group_id": 1} for place in range(1_000)]
    tries: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        tries.extend([statement] * statement.startswith("INSERT"))

    event.listen(tables.engine.sync_engine, "before_cursor_execute", note)
    try:
        async with AsyncSession(tables.engine, expire_on_commit=False) as session:
            found = await first_bad_row(session, insert(ROWS), rows)
    finally:
        event.remove(tables.engine.sync_engine, "before_cursor_execute", note)
    assert found is not None
    assert found[0] == bad
    assert len(tries) <= 10
