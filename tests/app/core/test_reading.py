"""What a reading unit lets through."""

import pytest
from sqlalchemy import insert, select

from app.core.database import Database
from app.models.user import User


async def test_a_reading_unit_answers_with_columns(database: Database) -> None:
    async with database.reading() as session:
        assert (await session.execute(select(User.id).where(User.id == 0))).all() == []
        assert (await session.scalars(select(User.id).where(User.id == 0))).all() == []
        assert await session.scalar(select(User.id).where(User.id == 0)) is None


@pytest.mark.parametrize("method", ["execute", "scalar", "scalars"])
async def test_a_reading_unit_writes_nothing(database: Database, method: str) -> None:
    async with database.reading() as session:
        with pytest.raises(TypeError, match="cannot write"):
            await getattr(session, method)(insert(User).returning(User.id), {"email": "a@example.org"})


@pytest.mark.parametrize("method", ["stream", "stream_scalars"])
async def test_a_reading_unit_streams_nothing(database: Database, method: str) -> None:
    async with database.reading() as session:
        with pytest.raises(TypeError, match="all rows at once"):
            await getattr(session, method)(insert(User).returning(User.id), {"email": "a@example.org"})
