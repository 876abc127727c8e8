"""The tables. Every module in this package is loaded by `load_models`; none needs to be listed."""

import pkgutil
from importlib import import_module

from sqlalchemy import MetaData
from sqlalchemy.orm import configure_mappers

from app.models.base import Base


def load_models() -> MetaData:
    """Import every model and return the metadata that holds their tables."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    configure_mappers()
    return Base.metadata
