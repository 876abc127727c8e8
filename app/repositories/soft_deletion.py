"""Deletion that keeps the row. It is marked, and the rows that refer to it fare as they would if it were gone.

What a foreign key says happens here as well, because no database does it for a row that stays: RESTRICT refuses while a
living row refers to it, SET NULL clears the reference, CASCADE marks rows that are kept too and deletes those that are not.
"""

from collections.abc import Iterator, Sequence
from typing import cast

from sqlalchemy import Column, Table, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import utc_now
from app.repositories.batches import batches


class StillInUse(Exception):
    """A living row refers to the one that was to be deleted, and may not lose it."""


def keeps_rows(table: Table) -> bool:
    """Whether rows of the table are marked rather than deleted."""
    return "deleted_at" in table.c


async def mark_deleted(session: AsyncSession, table: Table, key: int) -> bool:
    """Mark the row, if it lives, and see to the rows that refer to it, and to theirs; whether it lived.

    Raises StillInUse; the transaction must be rolled back then.
    """
    marked = await _mark(session, table, table.c.id, [key])
    parents = [(table, marked)]
    while parents:
        parent, gone = parents.pop()
        for child, column, rule in _referring(parent):
            parents += [(child, await _follow(session, child, column, rule, keys)) for keys in batches(gone)]
    return bool(marked)


async def _mark(session: AsyncSession, table: Table, column: Column[int], keys: Sequence[int]) -> list[int]:
    """Mark the living rows whose `column` holds one of the keys, and return their own keys.

    They are locked first, which waits for requests that are about to refer to them: those hold what they have looked up.
    """
    living = select(table.c.id).where(column.in_(keys), table.c.deleted_at.is_(None)).order_by(table.c.id)
    found = list(await session.scalars(living.with_for_update()))
    for some in batches(found):
        mark = update(table).where(table.c.id.in_(some))
        await session.execute(mark.values(deleted_at=utc_now(), deletion_id=table.c.id))
    return found


async def _follow(
    session: AsyncSession, child: Table, column: Column[int], rule: str | None, keys: Sequence[int]
) -> list[int]:
    """Do to the rows of `child` what `rule` says, now that the rows at `keys` are gone; the keys of those now marked."""
    kept = keeps_rows(child)
    referring = (column.in_(keys), child.c.deleted_at.is_(None)) if kept else (column.in_(keys),)
    if rule == "CASCADE" and kept:
        return await _mark(session, child, column, keys)
    if rule == "CASCADE":
        await session.execute(delete(child).where(*referring))
    elif rule == "SET NULL":
        await session.execute(update(child).where(*referring).values({column: None}))
    elif await session.scalar(select(exists().where(*referring))):
        raise StillInUse
    return []


def _referring(table: Table) -> Iterator[tuple[Table, Column[int], str | None]]:
    """Every foreign key that leads here: its table, its column and what it says about deletion."""
    for _, child in sorted(table.metadata.tables.items()):  # by name: references may go round in circles
        for key in child.foreign_keys:
            if key.column.table is table:
                yield child, cast("Column[int]", key.parent), key.ondelete
