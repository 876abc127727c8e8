"""YAML and JSON text to plain values, read the narrow way: no surprises of YAML 1.1, no repeated keys, no aliases."""

import json
import re
from typing import Any, Final, NoReturn

import yaml

from mcp_server.features.problems import problem
from mcp_server.workspace.errors import InvalidInput

DOCUMENT_LENGTH: Final = 200_000
"""Longest document in characters."""


class _Repeated(ValueError):
    pass


class _Loader(yaml.SafeLoader):
    """SafeLoader that knows null, true, false, integers and plain numbers, and takes everything else for text.

    So `on`, `no`, `12:30` and `2026-01-31` stay what was written.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not read here")
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "tag", None) not in (None, "!"):
            raise yaml.YAMLError("tags (!!name) are not read here")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.YAMLError("a key must be plain text")
            if key.value in seen:
                raise _Repeated(key.value)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[+-]?(?:0|[1-9][0-9]{0,30})", list("+-0123456789")),
    ("float", r"[+-]?(?:0|[1-9][0-9]{0,30})\.[0-9]{1,30}", list("+-0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), _first)


def read_text(text: str) -> Any:
    """The value of a YAML or JSON document. InvalidInput SPEC001, SPEC002 or SPEC008 if there is none."""
    if len(text) > DOCUMENT_LENGTH:
        reason = f"the document is longer than {DOCUMENT_LENGTH} characters"
        raise InvalidInput(problem("SPEC008", "document", reason, "Describe one feature at a time."))
    try:
        if text.lstrip().startswith("{"):
            try:
                return json.loads(text, object_pairs_hook=_pairs, parse_constant=_no_constant)
            except json.JSONDecodeError:
                pass  # YAML has a form in braces too
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a narrower SafeLoader
    except _Repeated as error:
        reason = f"the key {str(error)[:60]!a} is given twice"
        raise InvalidInput(problem("SPEC002", "document", reason, "Give each key once.")) from None
    except RecursionError:
        reason = "the document is nested too deeply"
        raise InvalidInput(problem("SPEC008", "document", reason, "Write it flat.")) from None
    except (yaml.YAMLError, ValueError) as error:
        raise InvalidInput(_unreadable(error)) from None


def _unreadable(error: Exception) -> Any:
    mark = getattr(error, "problem_mark", None)
    place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "document"
    reason = getattr(error, "problem", None) or str(error).partition("\n")[0] or "it cannot be read"
    hint = "Write YAML or JSON; put text with ':' or '#' in quotes."
    return problem("SPEC001", place, f"this is not YAML: {ascii(reason)[1:-1][:120]}", hint)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Repeated(key)
        found[key] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a value of JSON")
