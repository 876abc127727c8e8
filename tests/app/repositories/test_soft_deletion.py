"""What happens to the rows that refer to one that is marked as deleted, and to theirs."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    insert,
    select,
    true,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Database
from app.repositories.soft_deletion import StillInUse, mark_deleted

METADATA = MetaData()


def table(name: str, *columns: Any, kept: bool) -> Table:
    marks = (Column("deleted_at", DateTime(timezone=True)), Column("deletion_id", Integer, default=0))
    own = (Column("id", Integer, primary_key=True), *(marks if kept else ()))
    return Table(f"soft_{name}", METADATA, *own, *columns)


def key(name: str, rule: str) -> Column[Any]:
    return Column(f"{name}_id", ForeignKey(f"soft_{name}.id", ondelete=rule))


SHELVES = table("shelf", Column("label", Integer), UniqueConstraint("label", "deletion_id"), kept=True)
BOXES = table("box", key("shelf", "CASCADE"), key("box", "CASCADE"), kept=True)
THINGS = table("thing", key("box", "CASCADE"), kept=False)
NOTES = table("note", key("box", "SET NULL"), kept=True)
LOANS = table("loan", key("box", "RESTRICT"), kept=True)
LEAVES = table("leaf", key("leaf", "CASCADE"), kept=True)


@pytest.fixture
async def session(shared_database: Database) -> AsyncIterator[AsyncSession]:
    """Tables of our own, and a session on them."""
    async with shared_database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    async with AsyncSession(shared_database.engine, expire_on_commit=False) as found:
        yield found
        await found.rollback()
    async with shared_database.engine.begin() as connection:
        await connection.run_sync(METADATA.drop_all)


async def add(session: AsyncSession, into: Table, **values: int) -> int:
    result = await session.execute(insert(into).values(values))
    return int(result.inserted_primary_key[0])  # type: ignore[attr-defined]  # an insert has one


async def living(session: AsyncSession, of: Table) -> list[int]:
    alive = of.c.deleted_at.is_(None) if "deleted_at" in of.c else true()
    return list(await session.scalars(select(of.c.id).where(alive).order_by(of.c.id)))


async def test_a_deletion_cascades_as_the_keys_say(session: AsyncSession) -> None:
    shelf, other = await add(session, SHELVES, label=1), await add(session, SHELVES, label=2)
    box, kept = await add(session, BOXES, shelf_id=shelf), await add(session, BOXES, shelf_id=other)
    inner = await add(session, BOXES, box_id=box)
    thing, note = await add(session, THINGS, box_id=inner), await add(session, NOTES, box_id=inner)
    elsewhere = await add(session, THINGS, box_id=kept)
    assert await mark_deleted(session, SHELVES, shelf)
    assert await living(session, SHELVES) == [other]
    assert await living(session, BOXES) == [kept]
    assert await living(session, THINGS) == [elsewhere] != [thing]
    assert (await session.execute(select(NOTES.c.id, NOTES.c.box_id))).all() == [(note, None)]
    assert await mark_deleted(session, SHELVES, shelf) is False, "it is gone already"


async def test_a_circle_of_rows_is_deleted_once(session: AsyncSession) -> None:
    one = await add(session, BOXES)
    two = await add(session, BOXES, box_id=one)
    await session.execute(BOXES.update().where(BOXES.c.id == one).values(box_id=two))
    assert await mark_deleted(session, BOXES, one)
    assert await living(session, BOXES) == []


@pytest.mark.parametrize(
    ("count", "above"), [(600, lambda leaf: leaf - 1), (33_000, lambda _: 1)], ids=["deep", "wide"]
)
async def test_a_deletion_goes_as_far_as_there_are_rows(
    session: AsyncSession, count: int, above: Callable[[int], int]
) -> None:
    root = {"id": 1, "leaf_id": None}
    leaves = [{"id": leaf, "leaf_id": above(leaf)} for leaf in range(2, count + 1)]
    await session.execute(insert(LEAVES), [root, *leaves])
    assert await mark_deleted(session, LEAVES, 1)
    assert await living(session, LEAVES) == []


async def test_a_living_row_that_may_not_lose_it_refuses_a_deletion(session: AsyncSession) -> None:
    shelf = await add(session, SHELVES, label=1)
    box = await add(session, BOXES, shelf_id=shelf)
    loan = await add(session, LOANS, box_id=box)
    async with session.begin_nested() as attempt:
        with pytest.raises(StillInUse):
            await mark_deleted(session, SHELVES, shelf)
        await attempt.rollback()
    assert await living(session, SHELVES) == [shelf]
    await mark_deleted(session, LOANS, loan)
    assert await mark_deleted(session, SHELVES, shelf)
    assert await living(session, BOXES) == []


async def test_unique_rules_forget_deleted_rows(session: AsyncSession) -> None:
    for _ in range(2):
        shelf = await add(session, SHELVES, label=7)
        await mark_deleted(session, SHELVES, shelf)
    await add(session, SHELVES, label=7)
    with pytest.raises(IntegrityError):
        await add(session, SHELVES, label=7)
