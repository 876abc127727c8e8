"""Users for tests. They have no usable password: tests mint their tokens, for a login session with the user's public id."""

from datetime import timedelta
from uuid import uuid4

from app.core.context import Caller
from app.core.database import Database, utc_now
from app.models.refresh_token import RefreshToken
from app.models.user import User
from tests.app.factories import numbers


async def make_user(database: Database, *, is_superuser: bool = False, is_active: bool = True) -> Caller:
    user = User(
        email=f"user-{next(numbers)}@example.org",
        hashed_password="!",
        is_superuser=is_superuser,
        is_active=is_active,
    )
    async with database.writing() as session:
        session.add(user)
        await session.flush()
        caller = Caller(user.id, user.public_id, user.is_superuser)
        session.add(login_session(caller))
        return caller


def login_session(caller: Caller) -> RefreshToken:
    return RefreshToken(
        public_id=caller.public_id,
        user_id=caller.id,
        token_id=uuid4(),
        expires_at=utc_now() + timedelta(days=1),
    )
