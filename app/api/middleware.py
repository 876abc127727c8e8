"""What surrounds every response: a request id, the security headers and one access line. Plain ASGI, no buffering."""

import re
from collections.abc import Sequence
from time import perf_counter
from uuid import uuid4

import structlog
from fastapi import FastAPI, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import allow_header, body_limit, problem, unexpected
from app.api.health import is_probe
from app.api.hosts import AllowedHosts
from app.api.methods import methods_by_path, path_of
from app.api.telemetry import describe_request
from app.core.config import Settings

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

REQUEST_ID_HEADER = "X-Request-ID"
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")  # anything else could forge log lines; it is replaced

_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_PRIVATE = "no-store"  # answers depend on the caller: no shared cache may keep them
_TRANSPORT_SECURITY = "max-age=31536000; includeSubDomains"


def install(app: FastAPI, settings: Settings) -> None:
    """Put the envelope around everything, FastAPI's own layers included."""
    app.add_middleware(DeclaredMethods, routes=app.routes)
    if settings.cors_origins:
        app.add_middleware(
            Cors,
            allow_origins=settings.cors_origins,
            allow_credentials=True,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", REQUEST_ID_HEADER],
            expose_headers=["Location", "Retry-After", REQUEST_ID_HEADER],
        )
    if settings.environment == "production" and not settings.allowed_hosts:
        log.warning("hosts.not_checked", setting="ALLOWED_HOSTS")
    app.add_exception_handler(Exception, unexpected)
    build = app.build_middleware_stack

    def build_enveloped() -> ASGIApp:
        return RequestEnvelope(
            build(),
            allowed_hosts=AllowedHosts(settings.allowed_hosts),
            max_body_bytes=settings.max_body_bytes,
            transport_security=settings.environment == "production",
            telemetry=settings.telemetry_enabled,
            debug=settings.debug,
        )

    # `add_middleware` places layers inside the one that answers unexpected errors; the envelope belongs outside it.
    app.build_middleware_stack = build_enveloped  # type: ignore[method-assign]


class Cors(CORSMiddleware):
    """Starlette's, which would refuse a preflight in plain text."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "OPTIONS":
            asked = Headers(scope=scope)
            if "origin" in asked and "access-control-request-method" in asked:
                await self._preflight(scope, asked)(scope, receive, send)
                return
        await super().__call__(scope, receive, send)

    def _preflight(self, scope: Scope, asked: Headers) -> Response:
        answer = self.preflight_response(asked)
        if answer.status_code < 400:
            return answer
        headers = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
        return problem(Request(scope), answer.status_code, bytes(answer.body).decode(), headers=headers)


class DeclaredMethods:
    """Refuses the methods that a path without variables does not declare, before another route takes it for a value."""

    def __init__(self, app: ASGIApp, *, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._methods = methods_by_path(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        methods = self._methods.get(path_of(scope)) if scope["type"] == "http" else None
        if methods and scope["method"] not in methods:
            refusal = problem(Request(scope), 405, "Method Not Allowed", headers=allow_header(methods))
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


class RequestEnvelope:
    """The outermost layer, so that even the answer to an unexpected error carries its id and headers."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        allowed_hosts: AllowedHosts,
        max_body_bytes: int,
        transport_security: bool,
        telemetry: bool,
        debug: bool,
    ) -> None:
        """`transport_security` adds Strict-Transport-Security: for services that are only reached through TLS."""
        self._app = app
        self._allowed_hosts = allowed_hosts
        self._max_body_bytes = max_body_bytes
        self._telemetry = telemetry
        self._debug = debug
        headers = dict(_SECURITY_HEADERS)
        if transport_security:
            headers["Strict-Transport-Security"] = _TRANSPORT_SECURITY
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0
        complete = False

        async def send_enveloped(message: Message) -> None:
            nonlocal status, complete
            if message["type"] == "http.response.start":
                status = int(message["status"])
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                if status == 204:
                    del headers["Content-Type"]  # FastAPI names one, though there is no content
                headers.raw.extend(self._headers)
                headers[REQUEST_ID_HEADER] = request_id
                headers.setdefault("Cache-Control", _PRIVATE)
                if status == 413:
                    headers["Connection"] = (
                        "close"  # else the server would read all the rest, to find the next request
                    )
            else:
                complete = not message.get("more_body", False)
            await send(message)

        traced = describe_request(scope, request_id) if self._telemetry else {}
        with structlog.contextvars.bound_contextvars(request_id=request_id, **traced):
            try:
                await (self._refusal(scope) or self._app)(scope, receive, send_enveloped)
            except Exception:
                # Starlette raises again what it has answered with 500, and `unexpected` has logged that. Only what
                # broke off half way must reach the server, which then closes the connection.
                if not complete or self._debug:
                    raise
            finally:
                _log_access(scope, status, perf_counter() - started)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        """The answer to what no endpoint shall see. Starlette, which does the same, would answer in plain text."""
        if not self._allowed_hosts.admits(scope):
            return problem(Request(scope), 400, "the Host header names another service")
        if _declared_length(scope) > self._max_body_bytes:
            return problem(Request(scope), 413, body_limit(self._max_body_bytes))
        return None


def _log_access(scope: Scope, status: int, seconds: float) -> None:
    """One line per request; the query string stays out of it, it may hold anything."""
    if status == 200 and is_probe(scope):
        return
    log.info(
        "request.finished",
        method=scope["method"],
        path=scope["path"],
        status=status or None,  # none was sent: the client left, or the server is going down
        milliseconds=round(seconds * 1000, 1),
    )


def _declared_length(scope: Scope) -> int:
    """The Content-Length in bytes; 0 where there is none, or none that is a number."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])  # Python refuses to read numbers of thousands of digits
    return 0


def _request_id(scope: Scope) -> str:
    """The caller's id where it is harmless, otherwise a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return str(value, "ascii")
    return uuid4().hex
