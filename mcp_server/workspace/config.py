"""What `[tool.fastapi-agent-kit]` in `pyproject.toml` says about this workspace."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mcp_server.workspace.errors import InvalidInput, Problem

TABLE = "fastapi-agent-kit"
_SETTINGS = ("layout", "paths")


@dataclass(frozen=True)
class KitConfig:
    """The settings of one workspace; every key has a default, and unknown keys are refused.

    `layout` names a preset of `layout.py`; `paths` overrides single artefacts of it. `line_length` is that of
    `[tool.ruff]`, and no setting of the kit.
    """

    layout: str = "layered"
    paths: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    line_length: int = 88
    """What ruff takes where nothing else is said."""


def load_config(pyproject: Path) -> KitConfig | None:
    """The settings in this file, or None when it has no `[tool.fastapi-agent-kit]`. Raises InvalidInput WS003."""
    try:
        document = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(
            _problem(str(pyproject), f"not readable as TOML: {error}", "Repair the file")
        ) from error
    tool = document.get("tool", {})
    table = tool.get(TABLE) if isinstance(tool, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise InvalidInput(_problem(f"tool.{TABLE}", "must be a table", f"Write [tool.{TABLE}]"))
    config = parse_config(table)
    match tool.get("ruff"):
        case {"line-length": int(length)}:
            return replace(config, line_length=length)
    return config


def parse_config(table: Mapping[str, Any]) -> KitConfig:
    """Check and freeze the settings. Raises InvalidInput WS003 with every problem found."""
    problems = [
        _problem(
            f"tool.{TABLE}.{key}", "is not a setting of the kit", f"Known settings: {', '.join(_SETTINGS)}"
        )
        for key in table
        if key not in _SETTINGS
    ]
    layout = table.get("layout", "layered")
    if not isinstance(layout, str):
        problems.append(_problem(f"tool.{TABLE}.layout", "must be text", 'For example layout = "layered"'))
    paths = table.get("paths", {})
    if not isinstance(paths, dict) or not all(isinstance(value, str) for value in paths.values()):
        hint = 'For example paths = { endpoints = "src/api/{plural}.py" }'
        problems.append(_problem(f"tool.{TABLE}.paths", "must map artefacts to path templates", hint))
    if problems:
        raise InvalidInput(*problems)
    return KitConfig(layout=layout, paths=MappingProxyType(dict(paths)))


def _problem(place: str, reason: str, hint: str) -> Problem:
    return Problem("WS003", place, reason, hint)
