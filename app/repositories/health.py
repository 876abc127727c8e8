"""What the database says of itself: that it answers, and which migrations it has seen."""

from sqlalchemy import Select, column, select, table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

_REACHABLE = select(1)
_APPLIED: Select[str] = select(column("version_num")).select_from(table("alembic_version"))


class HealthRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def applied_revisions(self) -> frozenset[str]:
        """The revisions that the database is at; none where nothing was ever applied."""
        await self.session.execute(_REACHABLE)
        try:
            return frozenset((await self.session.execute(_APPLIED)).scalars())
        except SQLAlchemyError:  # no such table
            return frozenset()
