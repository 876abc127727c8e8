"""Every error answer of the service, as RFC 9457 problem details, from one place."""

import socket
import sqlite3
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from app.api.methods import allowed_methods
from app.api.repeated import Repeated
from app.core import errors, mysql

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[type[errors.DomainError], HTTPStatus] = {
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Busy: HTTPStatus.SERVICE_UNAVAILABLE,
}


_PASSING_STATES = {
    "40001",  # a transaction lost against another one
    "40P01",  # a deadlock, ended by giving up this transaction
    "53300",  # too many connections
    "55P03",  # a lock was not given in time
    "57014",  # the statement took too long
    "57P01",  # the server shuts down
}
"""SQLSTATEs of PostgreSQL, whose driver has no class of its own for these."""


_NOT_PREPARED_STATES = {
    "3D000",  # no such database
    "42P01",  # no such table
}
"""SQLSTATEs of PostgreSQL for a database that was renamed, or not migrated yet."""


_DATABASE_TROUBLE = (DBAPIError, PoolTimeoutError, ConnectionError, TimeoutError, socket.gaierror)
"""asyncpg passes on the socket's own errors, when nobody listens, nobody answers, or the host's name is not known."""


FIELD_ERRORS_MAX = 100
"""A body of a megabyte can hold thousands of mistakes: an answer tells the first of them, and how many there are."""


class FieldError(BaseModel):
    """One value that cannot be used; `loc` leads to it."""

    loc: list[str | int]
    msg: str
    type: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    request_id: str | None = None
    errors: list[FieldError] | None = None


_PASSING = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds to wait before trying again",
        "schema": {"type": "integer", "minimum": 0},
    }
}


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route declares for the errors it can answer."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            **({"headers": _RETRY_AFTER} if status in _PASSING else {}),
        }
        for status in statuses
    }


def problem(
    request: Request,
    status: int,
    detail: str,
    *,
    field_errors: Iterable[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=request.scope["path"],
        request_id=getattr(request.state, "request_id", None),
        errors=None if field_errors is None else list(field_errors),
    )
    return JSONResponse(
        body.model_dump(exclude_none=True), status, headers=dict(headers or {}), media_type=MEDIA_TYPE
    )


async def _domain(request: Request, error: errors.DomainError) -> JSONResponse:
    headers: dict[str, str] = {}
    field_errors = None
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.RateLimited | errors.Busy):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, errors.Invalid):
        field_errors = [FieldError(loc=list(error.location), msg=error.detail, type="invalid")]
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return problem(request, status, error.detail, field_errors=field_errors, headers=headers)


async def _validation(request: Request, error: RequestValidationError) -> JSONResponse:
    """The values themselves are not repeated: one of them may be a password."""
    every = error.errors()
    found = [
        FieldError(
            loc=[_printable(part) for part in each["loc"]],
            msg=_told(each),
            type="repeated" if isinstance(each["input"], Repeated) else each["type"],
        )
        for each in every[:FIELD_ERRORS_MAX]
    ]
    detail = "the request is not valid"
    if len(every) > FIELD_ERRORS_MAX:
        detail += f": {len(every)} errors, of which the first {FIELD_ERRORS_MAX} are told"
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, field_errors=found)


def _told(error: Mapping[str, Any]) -> str:
    """Pydantic's words, but that it counts the "items" of a secret text, and cannot know of repetition."""
    if isinstance(error["input"], Repeated):
        return "must be given once"
    text = str(error["msg"])
    if error["type"] in {"too_short", "too_long"} and isinstance(error["input"], str):
        return text.replace(" after validation", "").replace(" item", " character")
    return text


async def _http(request: Request, error: HTTPException) -> JSONResponse:
    headers = error.headers
    detail = HTTPStatus(error.status_code).phrase
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = allow_header(allowed_methods(request.app.routes, request.scope))
    elif error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        detail = body_limit(request.app.state.settings.max_body_bytes)
    elif error.status_code == HTTPStatus.BAD_REQUEST:  # nothing but FastAPI's reading of bodies raises it
        detail = "the body cannot be decoded: it must be what its Content-Type names, texts in UTF-8"
    return problem(request, error.status_code, detail, headers=headers)


def body_limit(max_bytes: int) -> str:
    return f"a body has at most {max_bytes} bytes"


def allow_header(methods: Iterable[str]) -> dict[str, str]:
    return {"Allow": ", ".join(sorted(methods))}


async def _database(request: Request, error: Exception) -> JSONResponse:
    """A database that is locked, full, away or not migrated is a reason to try again; anything else is our mistake."""
    if _passes(error):
        log.warning("database.busy", error_type=type(error).__name__)
        return await _domain(request, errors.Busy())
    if isinstance(error, DBAPIError) and _lacks_tables(error):
        log.error("database.not_migrated", problem=str(error.orig))
        return problem(
            request, HTTPStatus.SERVICE_UNAVAILABLE, "the database is not ready", headers={"Retry-After": "5"}
        )
    return await unexpected(request, error)


def _passes(error: Exception) -> bool:
    """Whether trying again later may help."""
    if not isinstance(error, DBAPIError):
        return True
    if error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _PASSING_STATES:
        return True
    if not isinstance(error, OperationalError):
        return False
    # SQLite and MySQL have no other word for a mistake in the statement.
    wrong = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR or mysql.is_mistake(error)
    return not wrong


def _lacks_tables(error: DBAPIError) -> bool:
    """Whether the database, or a table of ours, is not there: as before the first migration, and /health/ready tells."""
    return (
        getattr(error.orig, "sqlstate", None) in _NOT_PREPARED_STATES
        or str(error.orig).startswith("no such table:")  # SQLite has one code for every mistake
        or mysql.lacks_tables(error)
    )


async def unexpected(request: Request, error: Exception) -> JSONResponse:
    """Log an error that nobody expected, once, and answer without its text."""
    log.error("request.failed", exc_info=error)
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "something went wrong on our side")


def _printable(part: str | int) -> str | int:
    return part if isinstance(part, int) else part.encode(errors="backslashreplace").decode()


def install(app: FastAPI) -> None:
    # Any: each takes its own kind of error, where Starlette declares them for every kind.
    handlers: dict[type[Exception], Any] = {
        errors.DomainError: _domain,
        RequestValidationError: _validation,
        HTTPException: _http,
        **dict.fromkeys(_DATABASE_TROUBLE, _database),
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
