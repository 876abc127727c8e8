"""Login sessions: begun, rotated and ended, each by one statement."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import utc_now
from app.models.refresh_token import RefreshToken
from app.models.user import User
from app.repositories.writes import rows_touched

_TABLE = cast("Table", RefreshToken.__table__)
_OF_ACTIVE_USER = (
    select(User.id).where(User.public_id == bindparam("subject"), User.is_active).scalar_subquery()
)
_BEGIN = insert(_TABLE)
_ROTATE = (
    update(_TABLE)
    .where(
        _TABLE.c.public_id == bindparam("family"),
        _TABLE.c.token_id == bindparam("presented"),
        _TABLE.c.user_id == _OF_ACTIVE_USER,
    )
    .values(token_id=bindparam("replacement"), expires_at=bindparam("expires"), updated_at=bindparam("now"))
)
_END = delete(_TABLE).where(_TABLE.c.public_id == bindparam("family"))
_END_ALL = delete(_TABLE).where(_TABLE.c.user_id == bindparam("user"))
_LATEST = (
    select(_TABLE.c.id)
    .where(_TABLE.c.user_id == bindparam("user"))
    .order_by(_TABLE.c.updated_at.desc(), _TABLE.c.id.desc())
    .limit(bindparam("kept"))
    .subquery()  # MySQL limits no `IN`, but what is inside it
)
_MAKE_ROOM = _END_ALL.where(
    or_(_TABLE.c.expires_at < bindparam("now"), _TABLE.c.id.not_in(select(_LATEST.c.id)))
)


class RefreshTokenRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def begin(
        self, *, user_id: int, family: UUID, token_id: UUID, expires_at: datetime, most: int
    ) -> bool:
        """Start a family with its first token, for a user whose row is locked.

        Before that, families of the user that have expired are deleted, and of more than `most` those that were renewed
        the longest time ago; True if there were any.
        """
        now = utc_now()
        room = {"user": user_id, "now": now, "kept": most - 1}
        ended = await rows_touched(self.session, _MAKE_ROOM, room)
        row = {
            "public_id": family,
            "user_id": user_id,
            "token_id": token_id,
            "expires_at": expires_at,
            "created_at": now,
            "updated_at": now,
        }
        await self.session.execute(_BEGIN, row)
        return ended > 0

    async def rotate(
        self, *, subject: UUID, family: UUID, presented: UUID, replacement: UUID, expires_at: datetime
    ) -> bool:
        """Put `replacement` in the place of `presented`.

        False, and nothing changed, when the presented token was spent before, the family has ended, or its user
        (whose public id is `subject`) is disabled.
        """
        values = {
            "subject": subject,
            "family": family,
            "presented": presented,
            "replacement": replacement,
            "expires": expires_at,
            "now": utc_now(),
        }
        return await rows_touched(self.session, _ROTATE, values) == 1

    async def end(self, family: UUID) -> bool:
        """End one login session; False if it has ended before."""
        return await rows_touched(self.session, _END, {"family": family}) == 1

    async def end_all(self, user_id: int) -> None:
        """End every login session of a user."""
        await self.session.execute(_END_ALL, {"user": user_id})
