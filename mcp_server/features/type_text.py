"""The type of a field as text: `decimal(12,2)`, `enum(draft,active)`, `ref(category)`."""

import json
import re
from typing import Final

from mcp_server.features.problems import did_you_mean, problem, shown
from mcp_server.features.spec import RELATION_TYPES, STRING_LENGTH, TYPES, UNREADABLE, FieldSpec, TypeSpec
from mcp_server.workspace.errors import Problem

_WHOLE: Final = re.compile(r"-?[0-9]{1,9}", re.ASCII)
_RANGE: Final = re.compile(r"([0-9]{0,9})\.\.([0-9]{0,9})", re.ASCII)
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.+/:-]+", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z_]+", re.ASCII)

# What people write out of habit, and the type that they mean.
_SYNONYMS: Final = {
    "array": "list(string)", "big_integer": "bigint", "biginteger": "bigint", "binary": "bytes", "blob": "bytes",
    "boolean": "bool", "char": "string", "choice": "enum(a,b)", "currency": "decimal(12,2)", "double": "float",
    "fk": "ref(feature)", "foreignkey": "ref(feature)", "integer": "int", "jsonb": "json", "long": "bigint",
    "money": "decimal(12,2)", "number": "decimal(12,2)", "numeric": "decimal(12,2)", "real": "float",
    "smallint": "int", "str": "string", "timestamp": "datetime", "timestamptz": "datetime", "uri": "url",
    "varchar": "string",
}  # fmt: skip
_NOT_PORTABLE: Final = frozenset(
    {"geometry", "geography", "point", "set", "hstore", "tsvector", "inet", "interval"}
)

UNREAD: Final = TypeSpec(UNREADABLE)


def quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def read_type(
    name: str, arguments: list[tuple[str, bool]] | None, place: str
) -> tuple[TypeSpec, list[Problem]]:
    """A type from its name and arguments (text, was it quoted), or `UNREAD` with what is wrong.

    Ranges and values are not judged here, only read.
    """
    if name not in TYPES:
        return UNREAD, [_unknown(name, place)]
    if name == "enum":
        return _enum(arguments or []), []
    plain = [text for text, _ in arguments or []]
    if name in RELATION_TYPES:
        return _relation(name, plain, place)
    if name in _READERS:
        return _READERS[name](plain, place)
    if arguments is not None:
        return UNREAD, [problem("SPEC006", place, f"{name} takes nothing in parentheses", f"Write {name}.")]
    return TypeSpec(name), []


def _enum(arguments: list[tuple[str, bool]]) -> TypeSpec:
    texts = tuple(text for text, _ in arguments)
    shared = len(arguments) == 1 and not arguments[0][1] and texts[0].startswith("@")
    return TypeSpec("enum", target=texts[0][1:]) if shared else TypeSpec("enum", values=texts)


def _unknown(name: str, place: str) -> Problem:
    if name.lower() in _NOT_PORTABLE:
        reason = f"{shown(name)} has no portable meaning on SQLite, PostgreSQL and MySQL"
        return problem("SPEC005", place, reason, "Use json or string, or several fields.")
    meant = _SYNONYMS.get(name.lower())
    hint = f"Did you mean '{meant}'?" if meant else did_you_mean(name, TYPES)
    return problem("SPEC005", place, f"{shown(name)} is not a type", hint)


def _string(arguments: list[str], place: str) -> tuple[TypeSpec, list[Problem]]:
    if not arguments:
        return TypeSpec("string", max=STRING_LENGTH), []
    if len(arguments) == 1:
        if _WHOLE.fullmatch(arguments[0]):
            return TypeSpec("string", max=int(arguments[0])), []
        match = _RANGE.fullmatch(arguments[0].replace(" ", ""))
        if match:
            low, high = (int(text) if text else None for text in match.groups())
            return TypeSpec("string", min=low or None, max=STRING_LENGTH if high is None else high), []
    reason = f"{shown(','.join(arguments))} is not a length"
    return UNREAD, [problem("SPEC006", place, reason, "Write string(2..100), string(..100) or string.")]


def _decimal(arguments: list[str], place: str) -> tuple[TypeSpec, list[Problem]]:
    if 1 <= len(arguments) <= 2 and all(_WHOLE.fullmatch(text) for text in arguments):
        return TypeSpec("decimal", precision=int(arguments[0]), scale=int((*arguments, "0")[1])), []
    reason = "a decimal needs its digits: all of them, and those after the point"
    return UNREAD, [problem("SPEC006", place, reason, "Write decimal(12,2).")]


def _relation(name: str, arguments: list[str], place: str) -> tuple[TypeSpec, list[Problem]]:
    if len(arguments) == 1 and arguments[0]:
        return TypeSpec(name, target=arguments[0]), []
    if len(arguments) > 1:
        reason = "a reference to one of several features cannot be a foreign key"
        each = " ".join(f"{one}:{name}({one})?" for one in arguments)
        hint = f"Write optional references ({each}) and let the service check that one is set, or make several features."
        return UNREAD, [problem("SPEC006", place, reason, hint)]
    return UNREAD, [problem("SPEC006", place, f"{name} needs a feature", f"Write {name}(category).")]


def _list(arguments: list[str], place: str) -> tuple[TypeSpec, list[Problem]]:
    # Imported here: a list holds a type that is read by the same scanner that came upon the list.
    from mcp_server.features.shorthand import read_field

    text = ",".join(arguments)
    if not text or text.startswith("list"):
        return UNREAD, [problem("SPEC006", place, "a list needs a scalar type", "Write list(string(..50)).")]
    inner, problems = read_field(f"item:{text}", place.removesuffix(".type"))
    if problems:
        return UNREAD, problems
    if inner != FieldSpec("item", inner.type):
        reason = "the values of a list have a type, and nothing else of a field"
        return UNREAD, [problem("SPEC006", place, reason, f"Write list({format_type(inner.type)}).")]
    return TypeSpec("list", item=inner.type), problems


_READERS: Final = {"string": _string, "decimal": _decimal, "list": _list}


def format_type(type_: TypeSpec) -> str:
    """The text that `read_type` reads back to an equal type."""
    arguments = _arguments(type_)
    return type_.name if arguments is None else f"{type_.name}({arguments})"


def _arguments(type_: TypeSpec) -> str | None:
    """What stands in the parentheses; None where there are none."""
    if type_.name == "string" and (type_.min, type_.max) != (None, STRING_LENGTH):
        return f"{'' if type_.min is None else type_.min}..{type_.max}"
    if type_.name == "decimal":
        return f"{type_.precision},{type_.scale}"
    if type_.name == "enum" and type_.target is None:
        return ",".join(text if _PLAIN.fullmatch(text) else quote(text) for text in type_.values)
    if type_.item is not None:
        return format_type(type_.item)
    return f"@{type_.target}" if type_.name == "enum" else type_.target


def is_type_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None
