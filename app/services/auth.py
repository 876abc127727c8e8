"""Logging in and out, and staying in: access tokens that live for minutes, refresh tokens that are good for one use.

Both are worthless once their login session has ended: at once in this process, access tokens in others within the
seconds of the caller cache.

Each method opens its own units of work. Checking a password takes longer than everything else and must not hold a
connection; and the end of a stolen session has to be committed before the error that answers the thief.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

import structlog

from app.core.callers import CallerCache
from app.core.config import Settings
from app.core.context import Caller
from app.core.database import Database
from app.core.errors import Unauthenticated
from app.core.passwords import Passwords
from app.core.rate_limits import RateLimits
from app.core.tokens import Issued, Tokens
from app.repositories.refresh_token import RefreshTokenRepository
from app.repositories.user import UserRepository
from app.schemas.user import normalized_email

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_REFUSED = (
    "the e-mail address or the password is wrong"  # one answer, whichever it is, and for disabled users too
)


@dataclass(frozen=True, slots=True)
class Login:
    """The tokens of one login session; `expires_in` is the life of the access token in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 -- RFC 6750's name for how it is sent


class AuthService:
    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        tokens: Tokens,
        rate_limits: RateLimits,
        callers: CallerCache,
        settings: Settings,
    ) -> None:
        self.database = database
        self.passwords = passwords
        self.tokens = tokens
        self.rate_limits = rate_limits
        self.callers = callers
        self.most_sessions = settings.login_sessions_per_user
        self.access_lifetime = timedelta(minutes=settings.access_token_minutes)
        self.refresh_lifetime = timedelta(days=settings.refresh_token_days)

    async def login(self, email: str, password: str, *, client: str) -> Login:
        """Begin a login session for a client, given by its network address; one too many ends the user's stalest.

        Unauthenticated, after the same work, for a wrong password, an unknown address and a disabled user. RateLimited
        after too many of those. Busy when too many passwords are waiting to be checked.
        """
        address = normalized_email(email)
        async with self.rate_limits.login(client, address):
            return await self._login_unlimited(address, password)

    async def _login_unlimited(self, address: str, password: str) -> Login:
        async with self.database.reading() as session:
            found = await UserRepository(session).credentials_by_email(address)
        verification = await self.passwords.verify(password, found.hashed_password if found else None)
        if found is None or not found.is_active or not verification.matches:
            log.warning(
                "auth.login_refused",
                user_id=found.id if found else None,
                user_public_id=str(found.public_id) if found else None,
            )
            raise Unauthenticated(_REFUSED)
        family = uuid4()
        refresh = self._refresh_token(found.public_id, family)
        async with self.database.writing() as session:
            users = UserRepository(session)
            if not await users.lock(found):  # it changed while the password was being checked
                raise Unauthenticated(_REFUSED)
            if verification.upgraded is not None:
                await users.set_password(found.id, verification.upgraded)
            ended = await RefreshTokenRepository(session).begin(
                user_id=found.id,
                family=family,
                token_id=refresh.token.id,
                expires_at=_expiry(refresh),
                most=self.most_sessions,
            )
        if ended:
            self.callers.forget(found.public_id)
        log.info("auth.logged_in", user_id=found.id, user_public_id=str(found.public_id))
        return self._login(found.public_id, family, refresh)

    async def refresh(self, encoded: str) -> Login:
        """Trade a refresh token for a new pair.

        Unauthenticated for any other token. One that was spent before has been copied: nobody can tell by whom, so its
        whole session ends, and has ended by the time the error leaves here.
        """
        token = self.tokens.read(encoded, "refresh")
        refresh = self._refresh_token(token.subject, token.session)
        async with self.database.writing() as session:
            logins = RefreshTokenRepository(session)
            rotated = await logins.rotate(
                subject=token.subject,
                family=token.session,
                presented=token.id,
                replacement=refresh.token.id,
                expires_at=_expiry(refresh),
            )
            ended = not rotated and await logins.end(token.session)
        if ended:
            self.callers.forget(token.subject)
        if not rotated:
            log.warning("auth.refresh_refused", user_public_id=str(token.subject), session_ended=ended)
            raise Unauthenticated("the session is over; log in again")
        return self._login(token.subject, token.session, refresh)

    async def logout(self, caller: Caller, family: UUID) -> None:
        """End a login session of the caller, and with it all its tokens."""
        async with self.database.writing() as session:
            await RefreshTokenRepository(session).end(family)
        self.callers.forget(caller.public_id)
        log.info("auth.logged_out", user_id=caller.id, user_public_id=str(caller.public_id))

    def _refresh_token(self, subject: UUID, family: UUID) -> Issued:
        return self.tokens.issue("refresh", subject=subject, session=family, lifetime=self.refresh_lifetime)

    def _login(self, subject: UUID, family: UUID, refresh: Issued) -> Login:
        access = self.tokens.issue("access", subject=subject, session=family, lifetime=self.access_lifetime)
        return Login(access.encoded, refresh.encoded, int(self.access_lifetime.total_seconds()))


def _expiry(issued: Issued) -> datetime:
    return datetime.fromtimestamp(issued.token.expires_at, UTC)
