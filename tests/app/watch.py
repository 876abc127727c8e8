"""Looks at every response and every log line of the whole suite, whichever test causes them.

A response, its `Location` and its tokens show no integer key and no internal name; a log line holds no password, token,
secret or full e-mail address.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import jwt
import pytest
from sqlalchemy import ColumnElement, FromClause
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.middleware import RequestEnvelope
from app.core import logging as service_logging
from app.core.config import EXAMPLE_SECRET
from app.models import load_models
from app.models.base import Base

SECRET_WORDS = ("password", "token", "secret")
NOT_SECRET = {"token_type", "username"}
LONGEST_TEXT_OF_A_KEY = 20  # digits of 2**63 - 1, and one
SHORTEST_SECRET = 8  # anything shorter may stand in a line by chance
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}")
TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]+")
HASH = re.compile(r"\$argon2|\$2[aby]\$")
INTEGER_IN_PATH = re.compile(r"/\d+(?=/|$|\?)")


@cache
def internal_names(schema: str = "") -> frozenset[str]:
    """The keys of all tables, and what no schema may show. A plain column may well be called `external_id`.

    `schema` is called after its model, as `ProductRead` is. What that model has as plain data is no key there, whatever
    other tables call their keys: `user_id` may be the number by which another system knows somebody.
    """
    load_models()
    models = {mapper.class_.__name__: mapper.local_table for mapper in Base.registry.mappers}
    return internal_among(Base.metadata.tables.values(), models, schema)


def internal_among(
    tables: Iterable[FromClause], models: Mapping[str, FromClause], schema: str
) -> frozenset[str]:
    """`internal_names` in a service of these tables, and models by the names of their classes."""
    keys = {column.name for table in tables for column in table.columns if _is_key(column)}
    model = max((name for name in models if schema.startswith(name)), key=len, default="")
    own = models[model].columns if model else ()
    plain = {column.name for column in own if not _is_key(column)}
    return frozenset({"hashed_password", *({*keys, "ids"} - plain)})


def _is_key(column: ColumnElement[Any]) -> bool:
    return bool(column.primary_key or column.foreign_keys)


def leaks_of_body(content: Any, internal: frozenset[str], place: str = "body") -> Iterator[str]:
    """Every internal name, every public id that is none and every token with an integer key, however deep."""
    if isinstance(content, list):
        for item in content:
            yield from leaks_of_body(item, internal, f"{place}[]")
    elif isinstance(content, dict):
        for name, value in content.items():
            here = f"{place}.{name}"
            if name == "hashed_password" or (name in internal and _holds_key(value)):
                yield f"{here} is internal"
            if re.search(r"(^|_)public_ids?$", name) and not _all_uuids(value):
                yield f"{here} is not a UUID: {value!r}"
            if name in {"access_token", "refresh_token"} and isinstance(value, str):
                yield from _leaks_of_token(value, here)
            yield from leaks_of_body(value, internal, here)


def _holds_key(value: Any) -> bool:
    """Whether it could be an integer key. `request_id` of an error is none, also where rows refer to requests."""
    if isinstance(value, list):
        return any(map(_holds_key, value))
    return str(value).isdecimal() and len(str(value)) < LONGEST_TEXT_OF_A_KEY


def _all_uuids(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_all_uuids, value))
    try:
        return value is None or str(UUID(value)) == value
    except (AttributeError, TypeError, ValueError):
        return False


def _leaks_of_token(encoded: str, place: str) -> Iterator[str]:
    try:
        claims = jwt.decode(encoded, options={"verify_signature": False})
    except jwt.DecodeError:
        return  # a field of some feature that has the name, and another text
    for name, value in claims.items():
        if isinstance(value, int) and name not in {"iat", "exp", "nbf"}:
            yield f"{place} holds {name}={value}"
    if not _all_uuids(claims.get("sub")):
        yield f"{place} is about {claims.get('sub')!r}"


def secrets_of(content: Any) -> Iterator[str]:
    """The values that a client sent under a name that speaks of a secret."""
    if isinstance(content, list):
        for item in content:
            yield from secrets_of(item)
    elif isinstance(content, Mapping):
        for name, value in content.items():
            if isinstance(value, str):
                secret = any(word in str(name).lower() for word in SECRET_WORDS) and name not in NOT_SECRET
                if secret and len(value) >= SHORTEST_SECRET:
                    yield value
            else:
                yield from secrets_of(value)


def leaks_of_log(lines: list[str], secrets: Iterable[str]) -> Iterator[str]:
    """The lines that hold one of the secrets, or what looks like an address, a token or a hash."""
    text = "\n".join(lines)
    known = [secret for secret in secrets if secret in text]
    for line in lines:
        if any(secret in line for secret in known):
            yield f"a secret in the log: {line}"
        # The sign is looked for first: from every letter of a long line, the expression would read to its end.
        if "@" in line and ADDRESS.search(line):
            yield f"an address in the log: {line}"
        if ("eyJ" in line and TOKEN.search(line)) or ("$" in line and HASH.search(line)):
            yield f"a token or a hash in the log: {line}"


@dataclass
class Watch:
    """What the running test has sent, and what came of it."""

    responses: int = 0
    secrets: set[str] = field(default_factory=lambda: {EXAMPLE_SECRET})
    lines: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand around every app that is made from now on, and before every line that is written."""
        envelope, write = RequestEnvelope.__call__, service_logging.write_line

        async def watched(app: RequestEnvelope, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await self._pass(lambda *channel: envelope(app, *channel), scope, receive, send)
            else:
                await envelope(app, scope, receive, send)

        def noted(line: str) -> None:
            self.lines.append(line)
            write(line)

        patch.setattr(RequestEnvelope, "__call__", watched)
        patch.setattr(service_logging, "write_line", noted)

    async def _pass(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        sent, answered = bytearray(), bytearray()
        headers: dict[bytes, bytes] = {}

        async def receive_noted() -> Message:
            message = await receive()
            sent.extend(message.get("body", b""))
            return message

        async def send_noted(message: Message) -> None:
            headers.update(message.get("headers", ()))
            answered.extend(message.get("body", b""))
            await send(message)

        try:
            await app(scope, receive_noted, send_noted)
        finally:
            self.responses += 1
            self._note_request(scope, bytes(sent))
            self._note_response(scope, headers, bytes(answered))

    def _note_request(self, scope: Scope, body: bytes) -> None:
        for name, value in scope["headers"]:
            token = value.decode("latin-1").removeprefix("Bearer ")
            if name == b"authorization" and len(token) >= SHORTEST_SECRET:
                self.secrets.add(token)
        self.secrets.update(secrets_of(_parsed(body)))

    def _note_response(self, scope: Scope, headers: Mapping[bytes, bytes], body: bytes) -> None:
        route = f"{scope['method']} {scope['path']}"
        location = headers.get(b"location", b"").decode("latin-1")
        if INTEGER_IN_PATH.search(location):
            self.leaks.append(f"{route}: Location {location}")
        if b"json" in headers.get(b"content-type", b"") and body and not route.endswith("/openapi.json"):
            model = getattr(scope.get("route"), "response_model", None)
            internal = internal_names(getattr(model, "__name__", ""))
            self.leaks += [f"{route}: {leak}" for leak in leaks_of_body(json.loads(body), internal)]

    def take(self) -> list[str]:
        """What the test that ends now has let out; the next one begins anew."""
        found = [*self.leaks, *leaks_of_log(self.lines, self.secrets)]
        self.leaks.clear()
        self.lines.clear()
        self.secrets = {EXAMPLE_SECRET}
        return found


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return dict(parse_qsl(body.decode("latin-1")[:100_000]))
