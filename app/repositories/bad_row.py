"""Which of many new rows the database refuses."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession


async def first_bad_row(
    session: AsyncSession, insert: Any, rows: Sequence[Mapping[str, Any]]
) -> tuple[int, IntegrityError] | None:
    """The place of the first row that cannot be inserted behind those before it, and why; None if all can.

    Half of what is left is tried at a time, so that a thousand rows take ten tries. No row is stored.
    """
    good, bad = 0, len(rows) + 1  # so many rows go in, and so many do not
    found = None
    async with session.begin_nested() as everything:
        while bad - good > 1:
            middle = (good + bad) // 2
            try:
                async with session.begin_nested():
                    await session.execute(insert, rows[good:middle])
                good = middle
            except IntegrityError as error:
                bad, found = middle, (middle - 1, error)
        await everything.rollback()
    return found
