"""The tables. `load_models` finds every module that declares some; none needs to be listed."""

from sqlalchemy import MetaData
from sqlalchemy.orm import configure_mappers

from app.core.discovery import MODELS, find_modules
from app.models.base import Base


def load_models() -> MetaData:
    """Import every model and return the metadata that holds their tables."""
    find_modules(*MODELS)
    configure_mappers()
    return Base.metadata
