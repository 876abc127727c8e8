"""What may be done with users once a unit of work is open."""

from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Unit
from app.core.errors import Forbidden
from app.repositories.base import Page
from app.repositories.refresh_token import RefreshTokenRepository
from app.repositories.user import UserRecord, UserRepository
from app.schemas.user import UserQuery, UserUpdate

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class UserService:
    def __init__(self, unit: Unit[AsyncSession]) -> None:
        self.caller = unit.caller
        self.users = UserRepository(unit.session)
        self.logins = RefreshTokenRepository(unit.session)

    async def get_me(self) -> UserRecord:
        return await self.users.get(self.caller.public_id)

    async def get(self, public_id: UUID) -> UserRecord:
        return await self.users.get(public_id)

    async def page(self, query: UserQuery) -> Page[UserRecord]:
        return await self.users.page(query)

    async def update(self, public_id: UUID, changes: UserUpdate) -> UserRecord:
        """Change a user. Who is disabled, or given another address, is logged out everywhere.

        Forbidden when superusers would disable or demote themselves: nobody might be left to undo it.
        """
        user = await self.users.get(public_id)
        values = changes.model_dump(exclude_unset=True)
        if False in (values.get("is_active"), values.get("is_superuser")):
            await self._leave_a_superuser(user, "superusers cannot disable or demote themselves")
        changed = await self.users.change(user, values)
        if not changed.is_active or changed.email != user.email:
            await self.logins.end_all(user.id)
        log.info("user.updated", user_id=user.id, user_public_id=str(public_id), fields=sorted(values))
        return changed

    async def remove(self, public_id: UUID) -> None:
        """Delete a user with all login sessions; Forbidden for one's own account."""
        user = await self.users.get(public_id)
        await self._leave_a_superuser(user, "superusers cannot delete themselves")
        await self.users.remove(user)
        log.info("user.deleted", user_id=user.id, user_public_id=str(public_id))

    async def _leave_a_superuser(self, user: UserRecord, refusal: str) -> None:
        """See to it that the caller still is one when `user` is none any more, also where two remove each other at once."""
        if user.id == self.caller.id:
            raise Forbidden(refusal)
        if not await self.users.lock_superuser(self.caller.id, other=user.id):
            raise Forbidden("only superusers may do this")
