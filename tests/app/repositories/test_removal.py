"""A deletion that takes rows along which depend on the row, and those on them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import ForeignKey, MetaData, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Database
from app.core.errors import Conflict
from app.models.base import Base
from app.repositories.base import Repository

LEVELS = 20


class Apart(Base):
    """Tables that no revision makes."""

    __abstract__ = True
    metadata = MetaData()


class Branch(Apart):
    __tablename__ = "removal_branches"
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("removal_branches.id", ondelete="CASCADE"))


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    public_id: UUID


class BranchRepository(Repository[Row]):
    title = "branch"
    model = Branch
    record = Row
    columns = (Branch.id, Branch.public_id)


@pytest.fixture
async def session(shared_database: Database) -> AsyncIterator[AsyncSession]:
    """One on a chain of branches, each below the one before."""
    async with shared_database.engine.begin() as connection:
        await connection.run_sync(Apart.metadata.create_all)
        await connection.execute(
            insert(Branch), [{"id": key, "parent_id": key - 1 or None} for key in range(1, LEVELS + 1)]
        )
    async with shared_database.writing() as found:
        yield found
    async with shared_database.engine.begin() as connection:
        await connection.run_sync(Apart.metadata.drop_all)


async def count(session: AsyncSession) -> int | None:
    return await session.scalar(select(func.count()).select_from(Branch))


async def test_a_deletion_goes_as_deep_as_the_database(session: AsyncSession) -> None:
    branches = BranchRepository(session)
    top = Row(1, UUID(int=0))
    if session.get_bind().dialect.name == "mysql":
        with pytest.raises(Conflict, match="more levels of rows depend on the branch than the database"):
            await branches.remove(top)
        assert await count(session) == LEVELS
        await branches.remove(Row(LEVELS - 10, UUID(int=0)))
    await branches.remove(top)
    assert await count(session) == 0
