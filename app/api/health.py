"""For those who run the service: is the process alive, and may traffic be sent to it? Public, outside the API prefix."""

from typing import Literal

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.types import Scope

from app.api.errors import problem, responses
from app.api.methods import path_of
from app.api.routing import APIRouter
from app.schemas.base import ReadSchema
from app.services.health import HealthService

router = APIRouter(prefix="/health", tags=["health"])

PROBE_TIMEOUT_SECONDS = 2.0


def is_probe(scope: Scope) -> bool:
    """Whether a request asks for one of these routes. Orchestrators ask by address, every few seconds."""
    return path_of(scope).startswith(f"{router.prefix}/")


class Health(ReadSchema):
    status: Literal["ok"]


@router.head("/live", include_in_schema=False)
@router.get("/live")
async def health_live() -> Health:
    """The process answers."""
    return Health(status="ok")


@router.head("/ready", response_model=Health, include_in_schema=False)
@router.get("/ready", response_model=Health, responses=responses(503))
async def health_ready(request: Request) -> Health | JSONResponse:
    """The database answers and its migrations are at head."""
    obstacle = await HealthService(request.app.state.database, PROBE_TIMEOUT_SECONDS).obstacle()
    if obstacle is not None:
        return problem(request, 503, obstacle, headers={"Retry-After": "5"})
    return Health(status="ok")
