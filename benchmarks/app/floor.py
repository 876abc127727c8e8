"""The floor: the same answers as the service's, written by hand on Starlette and asyncpg, and nothing besides.

It does what cannot be left out: verify the token (each time), read the caller, check the body, ask the database. It
has no middleware, no request id, no log line, no problem details, no OpenAPI document and no rule that is written only
once. JSON by msgspec where the benchmark could install it, otherwise by the standard library.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg  # type: ignore[import-untyped]
import jwt
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.core.config import Settings

COLUMNS = """p.id, p.public_id, p.name, p.sku, p.description, p.price, p.status, p.in_stock,
    (SELECT c.public_id FROM categories c WHERE c.id = p.category_id) AS category_public_id,
    (SELECT u.public_id FROM users u WHERE u.id = p.owner_id) AS owner_public_id, p.created_at, p.updated_at"""
GET: Final = f"SELECT {COLUMNS} FROM products p WHERE p.public_id = $1 AND p.owner_id = $2"  # noqa: S608
LIST: Final = f"""SELECT {COLUMNS}, (SELECT count(*) FROM products WHERE owner_id = $1) FROM products p
    WHERE p.owner_id = $1 ORDER BY p.created_at DESC, p.id DESC OFFSET $2 LIMIT $3"""  # noqa: S608
CALLER: Final = """SELECT u.id, u.public_id FROM users u JOIN refresh_tokens t ON t.user_id = u.id
    WHERE t.public_id = $2 AND u.public_id = $1 AND u.is_active"""
INSERT: Final = """INSERT INTO products (public_id, name, sku, description, price, status, in_stock, owner_id,
    created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)"""
CREDENTIALS: Final = "SELECT id, public_id, hashed_password FROM users WHERE email = $1 AND is_active"
BEGIN_SESSION: Final = """INSERT INTO refresh_tokens (public_id, user_id, token_id, expires_at, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $5)"""
FIELDS = (
    "public_id", "name", "sku", "description", "price", "status", "in_stock", "category_public_id",
    "owner_public_id", "created_at", "updated_at",
)  # fmt: skip
REQUIRED = {"name": str, "sku": str, "price": str}
STATUSES = {"draft", "active", "archived"}

settings = Settings(_env_file=None)
secret = settings.secret_key.get_secret_value()
hashes = PasswordHash((Argon2Hasher(
    memory_cost=settings.password_memory_kib, time_cost=settings.password_time_cost, parallelism=settings.password_parallelism
),))  # fmt: skip
hashing = asyncio.Semaphore(settings.password_concurrency)


class Refused(Exception):
    def __init__(self, status: int) -> None:
        self.status = status


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value)


def _json_library() -> tuple[Any, Any]:
    try:
        msgspec = import_module("msgspec")
    except ImportError:
        return lambda value: json.dumps(value, default=_plain, separators=(",", ":")).encode(), json.loads
    return msgspec.json.Encoder().encode, msgspec.json.Decoder().decode


encode, decode = _json_library()


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(encode(value), status, headers, "application/json")


def product(row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(FIELDS, row[1:12], strict=True))


async def caller(request: Request, connection: Any) -> Any:
    """The row of the user whom a verified token names."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            issuer=settings.token_issuer,
            audience=settings.token_audience,
            options={"require": ["sub", "sid", "exp"]},
        )
        public_id, session = UUID(claims["sub"]), UUID(claims["sid"])
    except (jwt.InvalidTokenError, ValueError) as error:
        raise Refused(401) from error
    row = await connection.fetchrow(CALLER, public_id, session)
    if row is None or claims["type"] != "access" or scheme != "Bearer":
        raise Refused(401)
    return row


async def get_product(request: Request) -> Response:
    async with request.app.state.pool.acquire() as connection:
        user = await caller(request, connection)
        row = await connection.fetchrow(GET, UUID(request.path_params["public_id"]), user[0])
    if row is None:
        raise Refused(404)
    return answer(product(row))


async def list_products(request: Request) -> Response:
    query = request.query_params
    skip, limit = int(query.get("skip", "0")), int(query.get("limit", "20"))
    if skip < 0 or not 1 <= limit <= 100:
        raise Refused(422)
    async with request.app.state.pool.acquire() as connection:
        user = await caller(request, connection)
        rows = await connection.fetch(LIST, user[0], skip, limit)
    total = rows[0][12] if rows else 0
    page = {"items": [product(row) for row in rows], "total": total, "page": skip // limit + 1, "size": limit, "pages": -(-total // limit)}  # fmt: skip
    return answer(page)


async def create_product(request: Request) -> Response:
    body = decode(await request.body())
    if any(not isinstance(body.get(name), kind) for name, kind in REQUIRED.items()):
        raise Refused(422)
    values = {"public_id": uuid4(), "name": body["name"], "sku": body["sku"], "description": body.get("description"), "price": Decimal(body["price"]), "status": body.get("status", "draft"), "in_stock": body.get("in_stock", True)}  # fmt: skip
    if values["status"] not in STATUSES or not 2 <= len(values["name"]) <= 100 or values["price"] < 0:
        raise Refused(422)
    now = datetime.now(UTC)
    async with request.app.state.pool.acquire() as connection:
        user = await caller(request, connection)
        await connection.execute(INSERT, *values.values(), user[0], now)
    created = {**values, "category_public_id": None, "owner_public_id": user[1], "created_at": now, "updated_at": now}  # fmt: skip
    return answer(created, 201, {"Location": f"{request.url.path}/{values['public_id']}"})


async def login(request: Request) -> Response:
    form = await request.form()
    pool = request.app.state.pool
    row = await pool.fetchrow(CREDENTIALS, str(form["username"]))
    async with hashing:
        right = row is not None and await asyncio.to_thread(hashes.verify, str(form["password"]), row[2])
    if not right:
        raise Refused(401)
    now, session, refresh_id = datetime.now(UTC), uuid4(), uuid4()
    expires = now + timedelta(days=settings.refresh_token_days)
    await pool.execute(BEGIN_SESSION, session, row[0], refresh_id, expires, now)
    lifetime = timedelta(minutes=settings.access_token_minutes)
    common = {"sub": str(row[1]), "iss": settings.token_issuer, "aud": settings.token_audience, "iat": now, "sid": str(session)}  # fmt: skip
    access = {**common, "type": "access", "jti": str(uuid4()), "exp": now + lifetime}
    refresh = {**common, "type": "refresh", "jti": str(refresh_id), "exp": expires}
    return answer(
        {
            "access_token": jwt.encode(access, secret),
            "refresh_token": jwt.encode(refresh, secret),
            "token_type": "bearer",
            "expires_in": int(lifetime.total_seconds()),
        }
    )


async def refused(_request: Request, error: Exception) -> Response:
    return answer({}, error.status if isinstance(error, Refused) else 500)


async def live(_request: Request) -> Response:
    return answer({"status": "ok"})


async def leave_alone(_connection: Any) -> None:
    """asyncpg's pool would send RESET ALL and more after each request, a round trip that SQLAlchemy's does not make."""


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    dsn, size = os.environ["BENCHMARK_DSN"], settings.database_pool_size
    async with asyncpg.create_pool(dsn, min_size=size, max_size=size, reset=leave_alone) as pool:
        app.state.pool = pool
        yield


def create_app() -> Starlette:
    prefix = settings.api_prefix
    return Starlette(
        routes=[
            Route("/health/live", live),
            Route(f"{prefix}/products", list_products, methods=["GET"]),
            Route(f"{prefix}/products", create_product, methods=["POST"]),
            Route(f"{prefix}/products/{{public_id}}", get_product, methods=["GET"]),
            Route(f"{prefix}/auth/login", login, methods=["POST"]),
        ],
        exception_handlers={Refused: refused},
        lifespan=lifespan,
    )
