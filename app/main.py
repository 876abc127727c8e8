"""The service: `create_app` builds it, its lifespan owns the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.api import errors, health, middleware, openapi, query_models, routing, telemetry
from app.api.v1 import collect_routers
from app.core import memory
from app.core.callers import CallerCache
from app.core.config import Settings, get_settings
from app.core.cursors import Cursors
from app.core.database import Database
from app.core.logging import configure_logging
from app.core.passwords import Passwords
from app.core.rate_limits import RateLimits
from app.core.tokens import Tokens
from app.models import load_models


@memory.growing()
def create_app(settings: Settings | None = None) -> FastAPI:
    """The whole service, ready to serve. Reads the environment unless settings are given."""
    settings = settings or get_settings()
    configure_logging(settings)
    load_models()
    query_models.keep_all()
    app = FastAPI(
        title="FastAPI Agent Kit reference service",
        version="0.1.0",
        debug=settings.debug,
        lifespan=_lifespan,
        generate_unique_id_function=openapi.operation_id,
        telemetry=telemetry.configuration(settings),
        max_body_size=settings.max_body_bytes,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.callers = CallerCache(settings.caller_cache_seconds)
    app.state.tokens = Tokens(
        secret=settings.secret_key.get_secret_value(),
        issuer=settings.token_issuer,
        audience=settings.token_audience,
    )
    app.state.cursors = Cursors(settings.secret_key.get_secret_value())
    app.state.passwords = Passwords(
        memory_kib=settings.password_memory_kib,
        time_cost=settings.password_time_cost,
        parallelism=settings.password_parallelism,
        concurrency=settings.password_concurrency,
        max_waiting=settings.password_max_waiting,
    )
    app.state.rate_limits = RateLimits(settings)
    errors.install(app)
    openapi.install(app, settings)
    middleware.install(app, settings)
    app.include_router(health.router)
    for router in collect_routers():
        app.include_router(router, prefix=settings.api_prefix)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    with memory.growing():
        routing.build(app.routes)  # a mistake in one shall end the start, and no request shall wait for it
    app.state.database = Database(app.state.settings)
    if app.state.settings.environment == "production":
        memory.settle()
    try:
        yield
    finally:
        await app.state.rate_limits.close()
        await app.state.database.close()
