"""One field in one line: `price:decimal(12,2)? =1.50 >=0 index "shown in the docs"`.

field    = name ":" type ["?"] {modifier}
type     = word ["(" argument {"," argument} ")"]
modifier = "=" value | (">=" | ">" | "<=" | "<") number | "index" | "unique" | "secret" | "readonly"
         | ("pattern" | "on_delete" | "as") "=" value | '"' description '"'
value    = text without spaces, or a JSON string in double quotes
"""

import json
import re
from typing import Final

from mcp_server.features.field_builder import SIGNS, TEXTS, FieldBuilder
from mcp_server.features.problems import did_you_mean, problem, shown
from mcp_server.features.spec import FieldSpec, Number
from mcp_server.features.type_text import UNREAD, format_type, is_type_name, quote, read_type
from mcp_server.features.values import number_text
from mcp_server.workspace.errors import InvalidInput, Problem

FIELD_TEXT_LENGTH: Final = 12_000
"""Longest field string in characters: a whole enum or a long default fits."""

_WORDS: Final = ("index", "unique", "secret", "readonly", "pattern=", "on_delete=", "as=")
_JSON: Final = json.JSONDecoder(strict=False)
_BARE: Final = re.compile(r"[A-Za-z0-9_.+:/@{}\[\]^$*\\|()-][^\s\"]*")
_SPACE: Final = re.compile(r"\s")
_MODIFIER_START: Final = re.compile(
    r'[=<>"]|(?:index|unique|secret|readonly)(?:\s|$)|(?:pattern|on_delete|as)='
)


class _Unreadable(Exception):
    """The rest of the text makes no sense: a problem to report, and reading ends."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class _Scanner:
    """A position in the text of one field."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def spaces(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    @property
    def rest(self) -> str:
        return self.text[self.at :]

    @property
    def done(self) -> bool:
        return self.at >= len(self.text)

    def take(self, literal: str) -> bool:
        if self.text.startswith(literal, self.at):
            self.at += len(literal)
            return True
        return False

    def until(self, stop: re.Pattern[str]) -> str:
        match = stop.search(self.text, self.at)
        start, self.at = self.at, match.start() if match else len(self.text)
        return self.text[start : self.at]

    def quoted(self) -> str:
        try:
            value, self.at = _JSON.raw_decode(self.text, self.at)
        except ValueError:
            raise _Unreadable(
                f"the double quote at character {self.at + 1} is not closed, or its escapes are not JSON",
                "End the text with a double quote.",
            ) from None
        return str(value)

    def value(self) -> str:
        """A quoted value, or everything up to the next space."""
        if self.text.startswith('"', self.at):
            return self.quoted()
        word = self.until(_SPACE)
        if not word:
            raise _Unreadable(
                "a value is missing after '='", 'Write it without a space: =value, or ="" for empty text.'
            )
        return word

    def arguments(self) -> list[tuple[str, bool]]:
        """What stands in the parentheses just opened, split at commas; nested parentheses stay whole."""
        found: list[tuple[str, bool]] = []
        while True:
            self.spaces()
            found.append(self._argument())
            self.spaces()
            if self.take(")"):
                return [] if found == [("", False)] else found
            if not self.take(","):
                raise _Unreadable(
                    "the parenthesis is not closed", "Separate arguments by commas and end with ')'."
                )

    def _argument(self) -> tuple[str, bool]:
        if self.text.startswith('"', self.at):
            return self.quoted(), True
        start, depth = self.at, 0
        while not self.done:
            sign = self.text[self.at]
            if depth == 0 and sign in ",)":
                break
            depth += {"(": 1, ")": -1}.get(sign, 0)
            if sign == '"':
                self.quoted()
            else:
                self.at += 1
        return self.text[start : self.at].strip(), False


def parse_field(text: str) -> FieldSpec:
    """A field from its shorthand. InvalidInput with every problem if it cannot be read."""
    field, problems = read_field(text, "field")
    if problems:
        raise InvalidInput(*problems)
    return field


def read_field(text: str, place: str) -> tuple[FieldSpec, list[Problem]]:
    """A field and what is wrong with its text. The field is as complete as could be read, so that it keeps its
    place among the others and the rest of the spec can still be judged."""
    name, colon, _ = text.partition(":")
    problems: list[Problem] = []
    broken = FieldSpec(name=name.strip() if colon else "", type=UNREAD)
    if not text.strip():
        return broken, [
            problem("SPEC004", place, "the field is empty", "Write name:type, such as name:string.")
        ]
    if len(text) > FIELD_TEXT_LENGTH:
        reason = f"the field is longer than {FIELD_TEXT_LENGTH} characters"
        return broken, [problem("SPEC021", place, reason, "Shorten it.")]
    if not colon:
        return broken, [
            problem("SPEC004", place, f"{shown(text)} has no type", "Write name:type, such as name:string.")
        ]
    scanner = _Scanner(text)
    scanner.at = len(name) + 1
    try:
        builder = _head(scanner, name.strip(), place, problems)
    except _Unreadable as error:
        return broken, [problem("SPEC004", place, error.reason, error.hint)]
    try:
        while not scanner.done:
            _modifier(scanner, builder, place)
            scanner.spaces()
    except _Unreadable as error:
        problems.append(problem("SPEC004", place, error.reason, error.hint))
    return builder.build(), problems


def _head(scanner: _Scanner, name: str, place: str, problems: list[Problem]) -> FieldBuilder:
    scanner.spaces()
    word = scanner.until(re.compile(r"[^A-Za-z0-9_]", re.ASCII))
    if not is_type_name(word):
        raise _Unreadable("there is no type after the colon", "Write name:type, such as name:string.")
    arguments = scanner.arguments() if scanner.take("(") else None
    type_, found = read_type(word, arguments, f"{place}.type")
    problems += found
    builder = FieldBuilder(FieldSpec(name, type_), place, problems)
    scanner.spaces()
    if scanner.take("?"):
        builder.set("nullable", True)
        scanner.spaces()
    return builder


def _modifier(scanner: _Scanner, builder: FieldBuilder, place: str) -> None:
    if scanner.rest.startswith('"'):
        builder.set("description", scanner.quoted())
        return
    for sign, key in SIGNS.items():
        if scanner.take(sign):
            scanner.spaces()
            builder.set(key, scanner.value())
            return
    if scanner.take("="):
        builder.set("default", scanner.value())
        return
    word = scanner.until(re.compile(r"[^A-Za-z0-9_]", re.ASCII))
    if word in ("index", "unique", "secret", "readonly"):
        builder.set(word, True)
    elif (word in TEXTS or word == "on_delete") and word != "description" and scanner.take("="):
        builder.set(word, scanner.value())
    else:
        builder.problems.append(_unknown_modifier(word or scanner.rest[:1], place))
        _skip_prose(scanner)
        return
    if not scanner.done and not scanner.text[scanner.at].isspace():
        left = scanner.until(_SPACE)
        raise _Unreadable(f"{shown(left)} cannot follow {shown(word)}", "Put a space between two modifiers.")


def _unknown_modifier(written: str, place: str) -> Problem:
    known = ", ".join((*_WORDS, "=default", ">=n"))
    otherwise = f"Descriptions go in double quotes; the modifiers are {known}."
    hint = did_you_mean(written, _WORDS, otherwise=otherwise)
    return problem("SPEC007", place, f"{shown(written)} is not a modifier", hint)


def _skip_prose(scanner: _Scanner) -> None:
    """Passes over the words behind an unknown one: a description without quotes is one mistake, not ten."""
    scanner.until(_SPACE)
    while not scanner.done:
        scanner.spaces()
        if _MODIFIER_START.match(scanner.text, scanner.at):
            return
        scanner.until(_SPACE)


def format_field(field: FieldSpec) -> str:
    """The shorthand that `parse_field` reads back to an equal field."""
    parts = [f"{field.name}:{format_type(field.type)}{'?' if field.nullable else ''}"]
    if field.default is not None:
        parts[0] += f"={_default_text(field.default)}"
    parts += [flag for flag in ("index", "unique") if getattr(field, flag)]
    for sign, key in SIGNS.items():
        bound = getattr(field, key)
        if bound is not None:
            parts.append(f"{sign}{number_text(bound)}")
    for key, attribute in (
        ("pattern", field.pattern),
        ("on_delete", field.on_delete),
        ("as", field.back_reference),
    ):
        if attribute is not None:
            parts.append(f"{key}={_value_text(attribute)}")
    parts += [flag for flag in ("secret", "readonly") if getattr(field, flag)]
    if field.description:
        parts.append(quote(field.description))
    return " ".join(parts)


def _default_text(default: str | Number) -> str:
    if isinstance(default, bool):
        return "true" if default else "false"
    return _value_text(default) if isinstance(default, str) else number_text(default)


def _value_text(value: str) -> str:
    return value if _BARE.fullmatch(value) else quote(value)
