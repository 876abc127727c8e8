"""Which layer a file belongs to, as data: a layout other than `layered` is another table of patterns."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mcp_server.workspace.layout import Artefact, Layout

IMPORT_ORDER = ("app", "api", "services", "repositories", "schemas", "models", "core")
"""Imports may point to the right, never to the left. `app` is the composition root: it may import everything."""

SERVICE = frozenset(IMPORT_ORDER)
TESTS = "tests"
MIGRATIONS = "migrations"
UNIT_OF_WORK = "app/core/database.py"
"""The one file that may end a transaction."""


@dataclass(frozen=True)
class Layers:
    """Layer → path patterns (`*` within a folder, `**` across folders); the first match wins."""

    patterns: Mapping[str, tuple[str, ...]]
    _known: dict[str, str | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def _table(self) -> tuple[tuple[str, re.Pattern[str]], ...]:
        return tuple((layer, _pattern(glob)) for layer, globs in self.patterns.items() for glob in globs)

    @property
    def globs(self) -> tuple[str, ...]:
        """The patterns of every file that belongs to a layer."""
        return tuple(glob for globs in self.patterns.values() for glob in globs)

    def of_path(self, path: str) -> str | None:
        """The layer of a relative path, or None for files that the service does not consist of."""
        if path not in self._known:
            self._known[path] = next((layer for layer, glob in self._table if glob.fullmatch(path)), None)
        return self._known[path]

    def of_module(self, module: str) -> str | None:
        """The layer of a dotted module name: a package belongs where its files do."""
        stem = module.replace(".", "/")
        as_package, as_file = self.of_path(f"{stem}/__init__.py"), self.of_path(f"{stem}.py")
        return as_file if as_package in (None, "app") else as_package


def _pattern(glob: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/?|\*)", glob)
    wild = {"**": ".*", "**/": "(?:.*/)?", "*": "[^/]*"}
    return re.compile("".join(wild.get(part) or re.escape(part) for part in parts))


LAYERED = Layers(
    {
        "api": ("app/api/**",),
        "services": ("app/services/**",),
        "repositories": ("app/repositories/**",),
        "schemas": ("app/schemas/**",),
        "models": ("app/models/**",),
        "core": ("app/core/**",),
        MIGRATIONS: ("alembic/versions/*.py",),
        TESTS: ("tests/app/**",),
        "app": ("app/**",),  # contains the others, so it is tried after them
    }
)

_LAYER_OF_ARTEFACT: Mapping[Artefact, str] = {
    "endpoints": "api",
    "service": "services",
    "repository": "repositories",
    "schemas": "schemas",
    "model": "models",
    "tests": TESTS,
    "factory": TESTS,
}


def layers_for(layouts: Iterable[Layout]) -> Layers:
    """The layers of a service whose features were made in these layouts.

    What no layout places (base classes, the core) is found where the layered preset has it.
    """
    patterns: dict[str, tuple[str, ...]] = dict.fromkeys(LAYERED.patterns, ())
    for layout in layouts:
        for artefact, layer in _LAYER_OF_ARTEFACT.items():
            patterns[layer] += (layout.glob(artefact),)
        patterns[MIGRATIONS] += (f"{layout.glob('migrations')}/*.py",)
    return Layers({layer: own + LAYERED.patterns[layer] for layer, own in patterns.items()})
