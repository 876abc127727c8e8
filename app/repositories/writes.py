"""What a statement that writes did: SQLAlchemy's types know it of rows that are read alone."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession


async def rows_touched(session: AsyncSession, statement: Any, values: Mapping[str, Any] | None = None) -> int:
    """Run an UPDATE or DELETE; how many rows it found."""
    return cast("CursorResult[Any]", await session.execute(statement, values)).rowcount


async def key_of_new(session: AsyncSession, insert: Any, row: Mapping[str, Any]) -> int:
    """Insert one row; its internal key."""
    key: int
    (key,) = cast("CursorResult[Any]", await session.execute(insert, row)).inserted_primary_key or (0,)
    return key
