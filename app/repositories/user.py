"""The rows of users, and the credentials that no record of a user carries."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError

from app.core.database import utc_now
from app.models.user import User
from app.repositories.base import Repository
from app.repositories.conditions import contains
from app.repositories.writes import key_of_new


@dataclass(frozen=True, slots=True)
class UserRecord:
    id: int
    public_id: UUID
    email: str
    full_name: str | None
    is_active: bool
    is_superuser: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """What it takes to check a password. `public_id` is the `sub` of the user's tokens."""

    id: int
    public_id: UUID
    email: str
    hashed_password: str
    is_active: bool


_CREDENTIALS = select(User.id, User.public_id, User.email, User.hashed_password, User.is_active)
_BY_EMAIL = _CREDENTIALS.where(User.email == bindparam("email"))
_BY_PUBLIC_ID = _CREDENTIALS.where(User.public_id == bindparam("public_id"))
# `key_share`: on PostgreSQL, units that insert rows of a locked user go on meanwhile.
_LOCKED = (
    select(User.id)
    .where(
        User.id == bindparam("key"),
        User.email == bindparam("email"),
        User.hashed_password == bindparam("hashed_password"),
        User.is_active,
    )
    .with_for_update(key_share=True)
)
_PAIR = (
    select(User.id, User.is_superuser, User.is_active)
    .where(User.id.in_(bindparam("keys", expanding=True)))
    .order_by(User.id)  # in one order, so that two who lock each other cannot end in a deadlock
    .with_for_update(key_share=True)
)
_SET_PASSWORD = (
    update(User)
    .where(User.id == bindparam("key"))
    .values(hashed_password=bindparam("new_hash"), updated_at=bindparam("now"))
)


class UserRepository(Repository[UserRecord]):
    title = "user"
    model = User
    record = UserRecord
    columns = (
        User.id,
        User.public_id,
        User.email,
        User.full_name,
        User.is_active,
        User.is_superuser,
        User.created_at,
        User.updated_at,
    )
    filters = {
        "is_active": User.is_active == bindparam("is_active"),
        "is_superuser": User.is_superuser == bindparam("is_superuser"),
        "search": contains("search", User.email, User.full_name),
    }
    sorts = {"created_at": User.created_at, "email": User.email}

    async def register(self, *, email: str, full_name: str | None, hashed_password: str) -> UserRecord:
        """Insert an active user; Conflict when the address is taken, which only the database can know."""
        values = {"email": email, "full_name": full_name, "is_active": True, "is_superuser": False}
        full = self._stamped(values)
        try:
            row = {**full, "hashed_password": hashed_password}
            key = await key_of_new(self.session, self._insert_statement(), row)
        except IntegrityError as error:
            raise self._conflict(error) from error
        return UserRecord(id=key, **full)

    async def credentials_by_email(self, email: str) -> Credentials | None:
        row = (await self.session.execute(_BY_EMAIL, {"email": email})).first()
        return Credentials(*row) if row else None

    async def credentials(self, public_id: UUID) -> Credentials | None:
        row = (await self.session.execute(_BY_PUBLIC_ID, {"public_id": public_id})).first()
        return Credentials(*row) if row else None

    async def lock(self, checked: Credentials) -> bool:
        """Hold the user's row until the end of the unit, if the checked credentials are still those of an active user."""
        values = {"key": checked.id, "email": checked.email, "hashed_password": checked.hashed_password}
        return (await self.session.execute(_LOCKED, values)).first() is not None

    async def lock_superuser(self, key: int, *, other: int) -> bool:
        """Hold two users' rows until the end of the unit; False if the one at `key` is no active superuser any more."""
        rows = (await self.session.execute(_PAIR, {"keys": [key, other]})).all()
        return any(row.id == key and row.is_superuser and row.is_active for row in rows)

    async def set_password(self, key: int, hashed_password: str) -> None:
        await self.session.execute(_SET_PASSWORD, {"key": key, "new_hash": hashed_password, "now": utc_now()})
