"""RefreshToken: one login session and the only refresh token in it that is still good."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import UtcDateTime
from app.models.base import Base


class RefreshToken(Base):
    """A family of refresh tokens, which is one login session; `public_id` is the `sid` claim of its tokens.

    Each refresh replaces `token_id`, the `jti` of the current token. A token of the family with any other `jti` has been
    spent before: somebody copied it. One row holds the whole state, so rotating, detecting reuse and ending
    are single statements on it and cannot miss each other. A session that has ended has no row, and tokens of either
    kind without one are worthless. The tokens themselves are not stored.
    """

    __tablename__ = "refresh_tokens"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_id: Mapped[UUID]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
