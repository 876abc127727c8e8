"""Where the files of a feature live: a table of path templates, so that no generator branches on a layout's name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from string import Formatter
from types import MappingProxyType
from typing import Literal, Protocol, get_args

from mcp_server.workspace.config import KitConfig
from mcp_server.workspace.errors import InvalidInput, Problem

Artefact = Literal["model", "schemas", "repository", "service", "endpoints", "tests", "factory", "migrations"]
ARTEFACTS: tuple[Artefact, ...] = get_args(Artefact)

PRESETS: Mapping[str, Mapping[Artefact, str]] = MappingProxyType(
    {
        "layered": MappingProxyType(
            {
                "model": "app/models/{feature}.py",
                "schemas": "app/schemas/{feature}.py",
                "repository": "app/repositories/{feature}.py",
                "service": "app/services/{feature}.py",
                "endpoints": "app/api/v1/{plural}.py",
                "tests": "tests/app/api/test_{plural}.py",
                "factory": "tests/app/factories/{feature}.py",
                "migrations": "alembic/versions",
            }
        ),
        "domains": MappingProxyType(
            {
                "model": "app/domains/{feature}/models.py",
                "schemas": "app/domains/{feature}/schemas.py",
                "repository": "app/domains/{feature}/repository.py",
                "service": "app/domains/{feature}/service.py",
                "endpoints": "app/domains/{feature}/routes.py",
                "tests": "tests/app/api/test_{plural}.py",
                "factory": "tests/app/factories/{feature}.py",
                "migrations": "alembic/versions",
            }
        ),
    }
)


class FeatureNames(Protocol):
    """The two names a path template may use."""

    @property
    def feature(self) -> str: ...

    @property
    def plural(self) -> str: ...


@dataclass(frozen=True)
class Layout:
    """One path template per artefact, relative to the workspace root."""

    templates: Mapping[Artefact, str]

    def __hash__(self) -> int:
        """A layout is a part of the keys of caches."""
        return hash(self.templates["model"])

    @classmethod
    def from_config(cls, config: KitConfig) -> "Layout":
        """The preset with the overrides laid over it. Raises InvalidInput WS003 with every problem found."""
        problems: list[Problem] = []
        preset = PRESETS.get(config.layout)
        if preset is None:
            problems.append(
                _problem("layout", f"there is no layout {config.layout!r}", f"Known: {', '.join(PRESETS)}")
            )
            preset = PRESETS["layered"]
        known = {str(artefact): artefact for artefact in ARTEFACTS}
        overrides: dict[Artefact, str] = {}
        for name, template in config.paths.items():
            if name not in known:
                hint = f"Known: {', '.join(ARTEFACTS)}"
                problems.append(_problem(f"paths.{name}", "is not an artefact of a feature", hint))
            elif reason := _unusable(known[name], template):
                hint = f"For example {PRESETS['layered'][known[name]]}"
                problems.append(_problem(f"paths.{name}", reason, hint))
            else:
                overrides[known[name]] = template
        if problems:
            raise InvalidInput(*problems)
        return cls(MappingProxyType({**preset, **overrides}))

    def at(self, places: Mapping[str, str]) -> "Layout":
        """The layout where some artefacts have `places`, paths of their own."""
        own = {artefact: places[artefact] for artefact in self.templates if artefact in places}
        return Layout({**self.templates, **own})

    def path(self, artefact: Artefact, names: FeatureNames) -> str:
        """Path of the artefact relative to the root, with slashes; for `migrations` the directory."""
        return self.templates[artefact].format(feature=names.feature, plural=names.plural)

    def module(self, artefact: Artefact, names: FeatureNames) -> str:
        """Dotted module name of the artefact, as imported with the root on `sys.path`."""
        return module_of(self.path(artefact, names))

    def glob(self, artefact: Artefact) -> str:
        """The paths of all features' artefact, as a pattern: `app/models/*.py`."""
        return re.sub(r"\{\w+\}", "*", self.templates[artefact])

    def modules(self, artefact: Artefact) -> str:
        """The module names of all features' artefact, as a pattern: `app.models.*`."""
        return module_of(self.glob(artefact))

    def name_in(self, artefact: Artefact, path: str) -> str | None:
        """The feature (or plural) whose artefact is at `path`; None where it is of no feature."""
        match = _named(self.templates[artefact]).fullmatch(path)
        return match.group(1) if match else None

    def packages(self, names: FeatureNames) -> list[str]:
        """The `__init__.py` of every package that the feature's modules are in, parents first."""
        parents = {
            parent
            for artefact in ARTEFACTS
            if artefact != "migrations"
            for parent in PurePosixPath(self.path(artefact, names)).parents
            if parent.parts
        }
        return [f"{parent}/__init__.py" for parent in sorted(parents)]

    @property
    def source_globs(self) -> tuple[str, ...]:
        """The files of features that the service runs."""
        return tuple(self.glob(artefact) for artefact in SOURCES)

    @property
    def roots(self) -> tuple[str, ...]:
        """Top-level packages with source of the service: `app`, and where overridden paths lead."""
        return tuple(dict.fromkeys(("app", *(glob.partition("/")[0] for glob in self.source_globs))))


SOURCES: tuple[Artefact, ...] = ("model", "schemas", "repository", "service", "endpoints")
_PRESETS = tuple(map(Layout, PRESETS.values()))
LAYERED = Layout(PRESETS["layered"])
"""Where the parts of the service that no feature brings are: users, sign-in, shared base classes."""


def module_of(path: str) -> str:
    """The dotted name by which a file, or the package of an `__init__.py`, is imported from the root."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def layouts(current: Layout) -> tuple[Layout, ...]:
    """Every layout that features of a workspace may have been made in, the present one first."""
    return (current, *_PRESETS)


@cache
def _named(template: str) -> re.Pattern[str]:
    """The paths that a template gives, with the first name as group 1."""
    first, *more = re.split(r"\{\w+\}", template)
    return re.compile(re.escape(first) + "([a-z][a-z0-9_]*)" + "[a-z0-9_]+".join(map(re.escape, more)))


def _unusable(artefact: Artefact, template: str) -> str | None:
    """Why a template cannot be used, or None."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        return f"is not a template: {error}"
    used = {name for _, name, _, _ in parts if name is not None}
    if used - {"feature", "plural"} or any(spec or conversion for _, _, spec, conversion in parts):
        return "may use {feature} and {plural} only"
    path = PurePosixPath(template)
    if path.is_absolute() or ".." in path.parts or "\\" in template or not path.parts:
        return "must be a path below the workspace root, with slashes"
    if artefact == "migrations":
        return "is one directory for all features" if used else None
    if path.suffix != ".py":
        return "must end with .py"
    return None if used else "must contain {feature} or {plural}, or features would overwrite each other"


def _problem(place: str, reason: str, hint: str) -> Problem:
    return Problem("WS003", f"tool.fastapi-agent-kit.{place}", reason, hint)
