"""How many query models FastAPI keeps at hand: with its own limit, the routes of a large service get in each other's way."""

from functools import cache

from fastapi.dependencies import utils


def keep_all() -> None:
    """Have FastAPI remember the fields of every query model, instead of those of the last 128.

    Beyond that number it builds them anew for requests, and fails with a KeyError on the OpenAPI document, for which
    it looks the same fields up twice.
    """
    utils.get_cached_model_fields = cache(utils.get_cached_model_fields.__wrapped__)  # type: ignore[attr-defined]  # there is no setting
