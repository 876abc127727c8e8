"""Who a token speaks of, in the one statement that every authenticated request pays for."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Caller
from app.models.user import User

_CALLER = select(User.id, User.public_id, User.is_superuser).where(
    User.public_id == bindparam("public_id"), User.is_active
)


async def find_caller(session: AsyncSession, public_id: UUID) -> Caller | None:
    """The active user behind `public_id`, if there is one."""
    row = (await session.execute(_CALLER, {"public_id": public_id})).first()
    return Caller(*row) if row else None
