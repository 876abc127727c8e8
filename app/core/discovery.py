"""What the service finds by itself: a feature is served because its modules are there, not because a file lists them."""

import pkgutil
from collections.abc import Iterator
from fnmatch import fnmatchcase
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

MODELS = ("app.models.*", "app.domains.*.models")
ROUTERS = ("app.api.v1.*", "app.domains.*.routes")
"""Where tables and routers are. `kit` adds a place when `[tool.fastapi-agent-kit]` moves features elsewhere."""


def find_modules(*patterns: str) -> list[ModuleType]:
    """Import every module with a name like one of the patterns, in name order; `*` stays within one part of a name."""
    return [import_module(name) for name in sorted({name for each in patterns for name in _names("", each)})]


def _names(package: str, pattern: str) -> Iterator[str]:
    first, _, rest = pattern.partition(".")
    for name in _members(package, first):
        full = f"{package}.{name}" if package else name
        if rest:
            yield from _names(full, rest)
        elif _spec(full) is not None:
            yield full


def _members(package: str, pattern: str) -> Iterator[str]:
    """The names inside a package that fit; a package that is not there has none."""
    if "*" not in pattern:
        yield pattern
        return
    found = _spec(package)
    places = (found.submodule_search_locations if found else None) or []
    yield from (module.name for module in pkgutil.iter_modules(places) if fnmatchcase(module.name, pattern))


def _spec(name: str) -> ModuleSpec | None:
    try:
        return find_spec(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # a package of ours imports something that is not installed
        return None
