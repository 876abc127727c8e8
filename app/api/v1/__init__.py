"""The routes of version 1. Every module that `discovery.ROUTERS` leads to is served; none needs to be listed."""

from app.api.routing import APIRouter
from app.core.discovery import ROUTERS, find_modules


def collect_routers() -> list[APIRouter]:
    """Every router, by module name; side by side, because each level of nesting is matched again on every request."""
    return [module.router for module in find_modules(*ROUTERS)]
