"""Who a token speaks of, in the one statement that every authenticated request pays for."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Caller
from app.models.refresh_token import RefreshToken
from app.models.user import User

_USERS, _LOGINS = User.__table__.c, RefreshToken.__table__.c
# Of tables, not of models: in a writing unit the session would otherwise get ready to load entities.
_CALLER = (
    select(_USERS.id, _USERS.public_id, _USERS.is_superuser)
    .where(_LOGINS.user_id == _USERS.id)
    .where(
        _LOGINS.public_id == bindparam("family"), _USERS.public_id == bindparam("subject"), _USERS.is_active
    )
)


async def find_caller(session: AsyncSession, subject: UUID, family: UUID) -> Caller | None:
    """The active user with the public id `subject`, unless the login session `family` is another's or has ended."""
    row = (await session.execute(_CALLER, {"subject": subject, "family": family})).first()
    return Caller(*row) if row else None
