"""Whether this process can do its work: the database answers, and its schema is the one this code was written for."""

import asyncio
from functools import cache
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from app.core.database import Database
from app.repositories.health import HealthRepository

MIGRATIONS = Path(__file__).parents[2] / "alembic"


class HealthService:
    def __init__(self, database: Database, timeout_seconds: float) -> None:
        """`timeout_seconds` bounds the whole check: a probe that hangs is worse than one that fails."""
        self.database = database
        self.timeout_seconds = timeout_seconds

    async def obstacle(self) -> str | None:
        """What keeps the service from working, in words that are safe to show; None when nothing does."""
        try:
            async with asyncio.timeout(self.timeout_seconds), self.database.reading() as session:
                applied = await HealthRepository(session).applied_revisions()
        except (SQLAlchemyError, OSError):  # TimeoutError is an OSError
            return "the database cannot be reached"
        if applied != await asyncio.to_thread(_heads):
            return "the migrations of the database are not at head"
        return None


@cache
def _heads() -> frozenset[str]:
    """The newest revisions of this code base. Alembic is imported only here: it would double the app's start."""
    from alembic.script import ScriptDirectory

    return frozenset(ScriptDirectory(str(MIGRATIONS)).get_heads())
