"""Users for tests. They have no usable password: tests mint their tokens."""

from app.core.context import Caller
from app.core.database import Database
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
        return Caller(user.id, user.public_id, user.is_superuser)
