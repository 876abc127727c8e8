"""What people do with their own account: register it, change it.

Passwords are hashed and checked between units of work, never inside one: a connection that waits for a hash is a
connection that all other requests go without.
"""

from typing import Any
from uuid import UUID

import structlog

from app.core.callers import CallerCache
from app.core.database import Database
from app.core.errors import Invalid, NotFound, Unauthenticated
from app.core.passwords import Passwords
from app.core.rate_limits import RateLimits
from app.repositories.refresh_token import RefreshTokenRepository
from app.repositories.user import Credentials, UserRecord, UserRepository
from app.schemas.user import UserRegister, UserUpdateMe

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_GUARDED = {"email", "password"}
_GONE = "the account is gone or disabled"


class AccountService:
    def __init__(
        self, database: Database, passwords: Passwords, rate_limits: RateLimits, callers: CallerCache
    ) -> None:
        self.database = database
        self.passwords = passwords
        self.rate_limits = rate_limits
        self.callers = callers

    async def register(self, new: UserRegister, *, client: str) -> UserRecord:
        """Create an active user for a client, given by its network address.

        Conflict when the address is taken; that answer comes after the same work as a success. RateLimited when the
        client registers too often. Busy when too many passwords are waiting to be hashed.
        """
        await self.rate_limits.new_address(client)
        hashed_password = await self.passwords.hash(new.password.get_secret_value())
        async with self.database.writing() as session:
            user = await UserRepository(session).register(
                email=new.email, full_name=new.full_name, hashed_password=hashed_password
            )
        log.info("user.registered", user_id=user.id, user_public_id=str(user.public_id))
        return user

    async def update(self, public_id: UUID, changes: UserUpdateMe, *, client: str) -> UserRecord:
        """Change the account of the user whose public id is `public_id`, for a client given by its network address.

        A new address or password needs the current password (Invalid without it) and ends all login sessions, so
        that whoever holds a stolen token is locked out; this one too, because its tokens may be those that were stolen
        (OWASP: the session's identifier is renewed, here by logging in again). Conflict when the address is taken.
        RateLimited after too many wrong passwords: a stolen access token must not open the way to guess; and after too
        many new addresses, which tell who is registered as a registration does.
        """
        values: dict[str, Any] = changes.model_dump(
            exclude_unset=True, exclude={"password", "current_password"}
        )
        checked: Credentials | None = None
        hashed_password: str | None = None
        if changes.model_fields_set & _GUARDED:
            checked = await self._check_current(public_id, changes)
        if "email" in changes.model_fields_set:
            await self.rate_limits.new_address(client)
        if "password" in changes.model_fields_set:
            hashed_password = await self.passwords.hash(changes.password.get_secret_value())
        async with self.database.writing() as session:
            users = UserRepository(session)
            if checked is not None:
                if not await users.lock(checked):
                    raise Unauthenticated("the account has changed meanwhile")
                if hashed_password is not None:
                    await users.set_password(checked.id, hashed_password)
            try:
                user = await users.get(public_id)
            except NotFound as error:
                raise Unauthenticated(_GONE) from error
            if not user.is_active:
                raise Unauthenticated(_GONE)
            changed = await users.change(user, values)
            if checked is not None:
                await RefreshTokenRepository(session).end_all(user.id)
        if checked is not None:
            self.callers.forget(public_id)
        log.info(
            "user.updated",
            user_id=user.id,
            user_public_id=str(public_id),
            fields=sorted(changes.model_fields_set - {"current_password"}),
        )
        return changed

    async def _check_current(self, public_id: UUID, changes: UserUpdateMe) -> Credentials:
        if "current_password" not in changes.model_fields_set:
            raise Invalid("needed to change the address or the password", "body", "current_password")
        async with self.database.reading() as session:
            credentials = await UserRepository(session).credentials(public_id)
        if credentials is None or not credentials.is_active:
            raise Unauthenticated(_GONE)
        current = changes.current_password.get_secret_value()
        async with self.rate_limits.password_check(public_id):
            verification = await self.passwords.verify(current, credentials.hashed_password)
            if not verification.matches:
                log.warning("user.password_refused", user_id=credentials.id, user_public_id=str(public_id))
                raise Invalid("not the current password", "body", "current_password")
        return credentials
