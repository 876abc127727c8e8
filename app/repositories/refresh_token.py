"""Login sessions: begun, rotated and revoked, each by one statement on one row."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, insert, select, update
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
        _TABLE.c.revoked_at.is_(None),
        _TABLE.c.user_id == _OF_ACTIVE_USER,
    )
    .values(token_id=bindparam("replacement"), expires_at=bindparam("expires"), updated_at=bindparam("now"))
)
_REVOKE = (
    update(_TABLE)
    .where(_TABLE.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"), updated_at=bindparam("now"))
)
_REVOKE_FAMILY = _REVOKE.where(_TABLE.c.public_id == bindparam("family"))
_REVOKE_USER = _REVOKE.where(_TABLE.c.user_id == bindparam("user"))
_FORGET_EXPIRED = delete(_TABLE).where(
    _TABLE.c.user_id == bindparam("user"), _TABLE.c.expires_at < bindparam("now")
)


class RefreshTokenRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def begin(self, *, user_id: int, family: UUID, token_id: UUID, expires_at: datetime) -> None:
        """Start a family with its first token; the user's families that have expired are deleted on the way."""
        now = utc_now()
        await self.session.execute(_FORGET_EXPIRED, {"user": user_id, "now": now})
        row = {
            "public_id": family,
            "user_id": user_id,
            "token_id": token_id,
            "expires_at": expires_at,
            "created_at": now,
            "updated_at": now,
        }
        await self.session.execute(_BEGIN, row)

    async def rotate(
        self, *, subject: UUID, family: UUID, presented: UUID, replacement: UUID, expires_at: datetime
    ) -> bool:
        """Put `replacement` in the place of `presented`.

        False, and nothing changed, when the presented token was spent before, the family is revoked or gone, or its
        user (whose public id is `subject`) is disabled.
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

    async def revoke(self, family: UUID) -> bool:
        """End one login session; False if it was ended already."""
        values = {"family": family, "now": utc_now()}
        return await rows_touched(self.session, _REVOKE_FAMILY, values) == 1

    async def revoke_all(self, user_id: int) -> int:
        """End every login session of a user and return how many there were."""
        return await rows_touched(self.session, _REVOKE_USER, {"user": user_id, "now": utc_now()})
