"""The routes of version 1. Every module in this package that has a `router` is served; none needs to be listed."""

import pkgutil
from importlib import import_module

from fastapi import APIRouter


def collect_routers() -> list[APIRouter]:
    """Every router, by module name; side by side, because each level of nesting is matched again on every request."""
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [import_module(f"{__name__}.{module}").router for module in modules]
