"""Deletion that keeps the row. It is marked, and the rows that refer to it fare as they would if it were gone.

What a foreign key says happens here as well, because no database does it for a row that stays: RESTRICT refuses while a
living row refers to it, SET NULL clears the reference, CASCADE marks rows that are kept too and deletes those that are not.
"""

from collections.abc import Iterator, Sequence
from typing import cast

from sqlalchemy import Column, Table, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import utc_now
from app.repositories.writes import rows_touched


class StillInUse(Exception):
    """A living row refers to the one that was to be deleted, and may not lose it."""


def keeps_rows(table: Table) -> bool:
    """Whether rows of the table are marked rather than deleted."""
    return "deleted_at" in table.c


async def mark_deleted(session: AsyncSession, table: Table, keys: Sequence[int]) -> int:
    """Mark the living rows among `keys` and see to the rows that refer to them; how many were marked.

    Raises StillInUse; the transaction must be rolled back then.
    """
    living = table.c.id.in_(keys), table.c.deleted_at.is_(None)
    mark = update(table).where(*living).values(deleted_at=utc_now(), deletion_id=table.c.id)
    marked = await rows_touched(session, mark)
    if marked:
        for child, column, rule in _referring(table):
            await _follow(session, child, column, rule, keys)
    return marked


async def _follow(
    session: AsyncSession, child: Table, column: Column[int], rule: str | None, keys: Sequence[int]
) -> None:
    kept = keeps_rows(child)
    referring = (column.in_(keys), child.c.deleted_at.is_(None)) if kept else (column.in_(keys),)
    if rule == "SET NULL":
        await session.execute(update(child).where(*referring).values({column: None}))
    elif rule != "CASCADE":
        if await session.scalar(select(exists().where(*referring))):
            raise StillInUse
    elif kept:
        found = (await session.scalars(select(child.c.id).where(*referring))).all()
        if found:
            await mark_deleted(session, child, found)
    else:
        await session.execute(delete(child).where(*referring))


def _referring(table: Table) -> Iterator[tuple[Table, Column[int], str | None]]:
    """Every foreign key that leads here: its table, its column and what it says about deletion."""
    for _, child in sorted(table.metadata.tables.items()):  # by name: references may go round in circles
        for key in child.foreign_keys:
            if key.column.table is table:
                yield child, cast("Column[int]", key.parent), key.ondelete
