"""What endpoints may ask for: one unit of work, for a caller of the kind that the route admits.

Units are function-scoped: the commit happens after the endpoint returns and before the response is sent.
"""

from collections.abc import AsyncIterator
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
_bearer = OAuth2PasswordBearer(tokenUrl=LOGIN_PATH, auto_error=False)


async def _access_token(request: Request, encoded: Annotated[str | None, Depends(_bearer)]) -> Token:
    tokens: Tokens = request.app.state.tokens
    if encoded is None:
        raise Unauthenticated("not authenticated")
    return tokens.read(encoded, "access")


async def _subject(request: Request, encoded: Annotated[str | None, Depends(_bearer)]) -> UUID:
    return (await _access_token(request, encoded)).subject


async def _client(request: Request) -> str:
    """The peer, or whom a proxy that the server trusts has named; empty where there is none (a Unix socket)."""
    return request.client.host if request.client else ""


async def _reading(request: Request) -> AsyncIterator[ReadSession]:
    database: Database = request.app.state.database
    async with database.reading() as session:
        yield session


async def _writing(request: Request) -> AsyncIterator[WriteSession]:
    database: Database = request.app.state.database
    async with database.writing() as session:
        yield session


AccessToken = Annotated[Token, Depends(_access_token)]
Client = Annotated[str, Depends(_client)]
Subject = Annotated[UUID, Depends(_subject)]
ReadDatabase = Annotated[ReadSession, Depends(_reading, scope="function")]
WriteDatabase = Annotated[WriteSession, Depends(_writing, scope="function")]


async def _caller(request: Request, session: AsyncSession, public_id: UUID) -> Caller:
    callers: CallerCache = request.app.state.callers
    return callers.get(public_id) or await _loaded_caller(callers, session, public_id)


async def _superuser(request: Request, session: AsyncSession, public_id: UUID) -> Caller:
    """Loaded afresh each time: a superuser who was demoted elsewhere must not go on for a moment."""
    caller = await _loaded_caller(request.app.state.callers, session, public_id)
    if not caller.is_superuser:
        raise Forbidden("only superusers may do this")
    return caller


async def _loaded_caller(callers: CallerCache, session: AsyncSession, public_id: UUID) -> Caller:
    generation = callers.generation
    caller = await find_caller(session, public_id)
    if caller is None:
        raise Unauthenticated("the account is gone or disabled")
    callers.keep(caller, generation)
    return caller


async def forget_user(request: Request, public_id: UUID) -> AsyncIterator[None]:
    """For routes that change a user: named in the route's `dependencies`, it ends after the unit has committed."""
    yield
    request.app.state.callers.forget(public_id)


async def _read_unit(request: Request, public_id: Subject, session: ReadDatabase) -> Unit[ReadSession]:
    return Unit(session, await _caller(request, session, public_id))


async def _write_unit(request: Request, public_id: Subject, session: WriteDatabase) -> Unit[WriteSession]:
    return Unit(session, await _caller(request, session, public_id))


async def _superuser_read_unit(
    request: Request, public_id: Subject, session: ReadDatabase
) -> Unit[ReadSession]:
    return Unit(session, await _superuser(request, session, public_id))


async def _superuser_write_unit(
    request: Request, public_id: Subject, session: WriteDatabase
) -> Unit[WriteSession]:
    return Unit(session, await _superuser(request, session, public_id))


async def _public_read_unit(session: ReadDatabase) -> Unit[ReadSession]:
    return Unit(session, ANONYMOUS)


async def _public_write_unit(session: WriteDatabase) -> Unit[WriteSession]:
    return Unit(session, ANONYMOUS)


def for_superusers(dependency: object) -> bool:
    """Whether a dependency admits superusers only."""
    return dependency in {_superuser_read_unit, _superuser_write_unit}


Reading = Annotated[Unit[ReadSession], Depends(_read_unit)]
Writing = Annotated[Unit[WriteSession], Depends(_write_unit)]
SuperuserReading = Annotated[Unit[ReadSession], Depends(_superuser_read_unit)]
SuperuserWriting = Annotated[Unit[WriteSession], Depends(_superuser_write_unit)]
PublicReading = Annotated[Unit[ReadSession], Depends(_public_read_unit)]
PublicWriting = Annotated[Unit[WriteSession], Depends(_public_write_unit)]
