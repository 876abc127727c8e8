"""The service."""

from fastapi import FastAPI

from app.api.greetings import router


def create_app() -> FastAPI:
    """Build the service."""
    app = FastAPI()
    app.include_router(router)
    return app
