"""What endpoints may ask for: one unit of work, for a caller of the kind that the route admits.

Units are function-scoped: the commit happens after the endpoint returns and before the response is sent.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.callers import CallerCache
from app.core.context import ANONYMOUS, Caller, Unit
from app.core.database import Database, ReadSession, WriteSession
from app.core.errors import Forbidden, Unauthenticated
from app.core.tokens import Token, Tokens
from app.repositories.callers import find_caller

LOGIN_PATH = "/auth/login"  # below the API prefix, which `app.api.openapi` puts before it


class _Bearer(OAuth2PasswordBearer):
    """Asks for an access token.

    A dependency that needs one derives from this and does not depend on another: each one costs a request as much as a
    small query, and the start a part of every route.
    """

    def __init__(self) -> None:
        super().__init__(tokenUrl=LOGIN_PATH, scheme_name="OAuth2PasswordBearer", auto_error=False)

    async def token(self, request: Request) -> Token:
        """The verified token of a request, or Unauthenticated."""
        encoded = await super().__call__(request)
        if encoded is None:
            raise Unauthenticated("not authenticated")
        tokens: Tokens = request.app.state.tokens
        return tokens.read(encoded, "access")


class _AccessToken(_Bearer):
    async def __call__(self, request: Request) -> Token:  # type: ignore[override]  # the token, not its text
        return await self.token(request)


AccessToken = Annotated[Token, Depends(_AccessToken())]


async def _client(request: Request) -> str:
    """The peer, or whom a proxy that the server trusts has named; empty where there is none (a Unix socket)."""
    return request.client.host if request.client else ""


Client = Annotated[str, Depends(_client)]


async def _caller(request: Request, session: AsyncSession, token: Token) -> Caller:
    callers: CallerCache = request.app.state.callers
    return callers.get(token) or await _loaded_caller(callers, session, token)


async def _superuser(request: Request, session: AsyncSession, token: Token) -> Caller:
    """Loaded afresh each time: a superuser who was demoted elsewhere must not go on for a moment."""
    caller = await _loaded_caller(request.app.state.callers, session, token)
    if not caller.is_superuser:
        raise Forbidden("only superusers may do this")
    return caller


async def _loaded_caller(callers: CallerCache, session: AsyncSession, token: Token) -> Caller:
    generation = callers.generation
    caller = await find_caller(session, token.subject, token.session)
    if caller is None:
        raise Unauthenticated("the session is over; log in again")
    callers.keep(token, caller, generation)
    return caller


async def forget_user(request: Request, public_id: UUID) -> AsyncIterator[None]:
    """For routes that change a user: named in the route's `dependencies`, it ends after the unit has committed."""
    yield
    request.app.state.callers.forget(public_id)


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


class _CurrentCaller(_Bearer):
    async def __call__(self, request: Request) -> Caller:  # type: ignore[override]  # the caller, not a text
        token = await self.token(request)
        async with _database(request).reading() as session:
            return await _caller(request, session, token)


class _Unit(_Bearer):
    """A unit of work for the caller that `admit` returns, in a session that `open_session` opens."""

    def __init__(
        self,
        open_session: Callable[[Database], AbstractAsyncContextManager[AsyncSession]],
        admit: Callable[[Request, AsyncSession, Token], Awaitable[Caller]],
    ) -> None:
        super().__init__()
        self.open_session = open_session
        self.admit = admit

    async def __call__(self, request: Request) -> AsyncIterator[Unit[AsyncSession]]:  # type: ignore[override]  # a unit
        token = await self.token(request)
        async with self.open_session(_database(request)) as session:
            yield Unit(session, await self.admit(request, session, token))


async def _public_read_unit(request: Request) -> AsyncIterator[Unit[ReadSession]]:
    async with _database(request).reading() as session:
        yield Unit(session, ANONYMOUS)


async def _public_write_unit(request: Request) -> AsyncIterator[Unit[WriteSession]]:
    async with _database(request).writing() as session:
        yield Unit(session, ANONYMOUS)


def for_superusers(dependency: object) -> bool:
    """Whether a dependency admits superusers only."""
    return isinstance(dependency, _Unit) and dependency.admit is _superuser


CurrentCaller = Annotated[Caller, Depends(_CurrentCaller())]
"""For endpoints whose service opens units of its own."""
Reading = Annotated[Unit[ReadSession], Depends(_Unit(Database.reading, _caller), scope="function")]
Writing = Annotated[Unit[WriteSession], Depends(_Unit(Database.writing, _caller), scope="function")]
SuperuserReading = Annotated[
    Unit[ReadSession], Depends(_Unit(Database.reading, _superuser), scope="function")
]
SuperuserWriting = Annotated[
    Unit[WriteSession], Depends(_Unit(Database.writing, _superuser), scope="function")
]
PublicReading = Annotated[Unit[ReadSession], Depends(_public_read_unit, scope="function")]
PublicWriting = Annotated[Unit[WriteSession], Depends(_public_write_unit, scope="function")]
