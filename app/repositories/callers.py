"""Who a token speaks of, in the one statement that every authenticated request pays for."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Caller
from app.models.refresh_token import RefreshToken
from app.models.user import User

_CALLER = (
    select(User.id, User.public_id, User.is_superuser)
    .join(RefreshToken, RefreshToken.user_id == User.id)
    .where(
        RefreshToken.public_id == bindparam("family"), User.public_id == bindparam("subject"), User.is_active
    )
)


async def find_caller(session: AsyncSession, subject: UUID, family: UUID) -> Caller | None:
    """The active user with the public id `subject`, unless the login session `family` is another's or has ended."""
    row = (await session.execute(_CALLER, {"subject": subject, "family": family})).first()
    return Caller(*row) if row else None
