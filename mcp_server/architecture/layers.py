"""Which layer a file belongs to, as data: a layout other than `layered` is another table of patterns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mcp_server.workspace.layout import Artefact

IMPORT_ORDER = ("app", "api", "services", "repositories", "schemas", "models", "core")
"""Imports may point to the right, never to the left. `app` is the composition root: it may import everything."""

SERVICE = frozenset(IMPORT_ORDER)
TESTS = "tests"
MIGRATIONS = "migrations"


@dataclass(frozen=True)
class Layers:
    """Layer → path patterns (`*` within a folder, `**` across folders); the first match wins.

    `unit_of_work` is the one file that may end a transaction; `source_root` is the folder that importable module
    names start from (`src/` for `src/backend/...`).
    """

    patterns: Mapping[str, tuple[str, ...]]
    unit_of_work: str = "app/core/database.py"
    source_root: str = ""
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
        stem = self.source_root + module.replace(".", "/")
        as_package, as_file = self.of_path(f"{stem}/__init__.py"), self.of_path(f"{stem}.py")
        return as_file if as_package in (None, "app") else as_package

    def module_of(self, path: str) -> str:
        """The dotted module name of a file."""
        stem = path.removeprefix(self.source_root).removesuffix(".py").removesuffix("/__init__")
        return stem.replace("/", ".")


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
        "app": ("app/**",),
        MIGRATIONS: ("alembic/versions/*.py",),
        TESTS: ("tests/app/**",),
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


def layers_for(templates: Mapping[Artefact, str]) -> Layers:
    """The layers of a layout, given its path templates (artefact → `app/models/{feature}.py`).

    What the templates do not cover (base classes, the core) is found where the layered preset has it.
    """
    own: dict[str, tuple[str, ...]] = {
        layer: (re.sub(r"\{\w+\}", "*", templates[artefact]),)
        for artefact, layer in _LAYER_OF_ARTEFACT.items()
        if artefact in templates
    }
    if "migrations" in templates:
        own[MIGRATIONS] = (f"{templates['migrations']}/*.py",)
    names = [*own, *(layer for layer in LAYERED.patterns if layer not in own)]
    return Layers({layer: own.get(layer, ()) + LAYERED.patterns[layer] for layer in sorted(names, key=_last)})


def _last(layer: str) -> bool:
    """`app/**` contains the other layers, so it is tried after them."""
    return layer == "app"
