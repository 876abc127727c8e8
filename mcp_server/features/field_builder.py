"""A field under construction: what shorthand and the mapping form of a document have in common."""

from dataclasses import replace
from typing import Any, Final, cast

from mcp_server.features.inflection import with_article
from mcp_server.features.problems import did_you_mean, problem, shown
from mcp_server.features.spec import DELETE_RULES, NUMBER_TYPES, UNREADABLE, DeleteRule, FieldSpec, TypeSpec
from mcp_server.features.values import to_default, to_number
from mcp_server.workspace.errors import Problem

FLAGS: Final = ("nullable", "index", "unique", "secret", "readonly")
BOUNDS: Final = ("ge", "gt", "le", "lt")
SIGNS: Final = {">=": "ge", ">": "gt", "<=": "le", "<": "lt"}
TEXTS: Final = {"pattern": "pattern", "as": "back_reference", "description": "description"}
MODIFIERS: Final = (*FLAGS, "default", *BOUNDS, *TEXTS, "on_delete")


class FieldBuilder:
    """Collects modifiers, converts their values by the field's type, and remembers every problem."""

    def __init__(self, field: FieldSpec, place: str, problems: list[Problem]) -> None:
        self._field = field
        self._place = place
        self._seen: set[str] = set()
        self.problems = problems

    def set(self, key: str, value: Any) -> None:
        """Sets one modifier by its key in the mapping form; a value that does not fit becomes a problem."""
        place = f"{self._place}.{key}"
        if key in self._seen:
            self.problems.append(problem("SPEC007", place, f"{key} is given twice", "Give it once."))
            return
        self._seen.add(key)
        if key in FLAGS:
            self._flag(key, value, place)
        elif key == "default":
            self._default(value, place)
        elif key in BOUNDS:
            self._bound(key, value, place)
        elif key == "on_delete":
            self._on_delete(value, place)
        elif isinstance(value, str):
            text = value.strip() if key == "description" else value
            self._field = replace(self._field, **{TEXTS[key]: text})  # type: ignore[arg-type]
        else:
            self.problems.append(
                problem("SPEC001", place, f"{shown(value)} is not text", "Write it as text.")
            )

    def build(self) -> FieldSpec:
        field = self._field
        if field.on_delete is not None and field.on_delete == ("set_null" if field.nullable else "restrict"):
            field = replace(field, on_delete=None)  # the usual rule, said aloud: equal specs compare equal
        return field

    def _flag(self, key: str, value: Any, place: str) -> None:
        if isinstance(value, bool):
            self._field = replace(self._field, **{key: value})  # type: ignore[arg-type]
        else:
            self.problems.append(
                problem("SPEC001", place, f"{shown(value)} is not true or false", "Write true.")
            )

    def _default(self, value: Any, place: str) -> None:
        if value is None or self._field.type.name == UNREADABLE:
            return
        try:
            self._field = replace(self._field, default=to_default(self._field.type, value))
        except ValueError as error:
            reason = f"{shown(value)} cannot be the default of {with_article(self._field.type.name)} field: {error}"
            self.problems.append(problem("SPEC040", place, reason, _default_hint(self._field.type, value)))

    def _bound(self, key: str, value: Any, place: str) -> None:
        type_ = self._field.type
        if value is None or type_.name == UNREADABLE:
            return
        if type_.name not in NUMBER_TYPES:
            reason = f"{with_article(type_.name)} field has no numeric bounds"
            hint = (
                "Write string(min..max) for lengths."
                if type_.name in ("string", "text")
                else "Leave the bound out."
            )
            self.problems.append(problem("SPEC034", place, reason, hint))
            return
        try:
            self._field = replace(self._field, **{key: to_number(type_, value)})  # type: ignore[arg-type]
        except ValueError as error:
            reason = f"{shown(value)} cannot bound {with_article(type_.name)} field: {error}"
            self.problems.append(
                problem("SPEC036", place, reason, "Write a plain number of the field's type.")
            )

    def _on_delete(self, value: Any, place: str) -> None:
        if isinstance(value, str) and value in DELETE_RULES:
            self._field = replace(self._field, on_delete=cast("DeleteRule", value))
            return
        reason = f"{shown(value)} is not a rule for deletion"
        self.problems.append(
            problem("SPEC007", place, reason, did_you_mean(str(shown(value)).strip("'"), DELETE_RULES))
        )


def _default_hint(type_: TypeSpec, value: Any) -> str:
    if type_.name == "enum":
        return did_you_mean(str(value), type_.values) if type_.values else "Give the enum values first."
    examples = {
        "bool": "Write =true or =false.", "date": "Write =2026-01-31 or =today.", "time": "Write =08:30:00.",
        "datetime": "Write =2026-01-31T12:00:00+00:00 or =now.", "json": "Write ={} or =[].", "list": "Write =[].",
        "url": "Write =https://host.example.org/path with a path.", "decimal": "Write =12.50.", "int": "Write =1.",
        "bigint": "Write =1.", "float": "Write =0.5.", "bytes": "Write base64, such as =aGVsbG8=.",
    }  # fmt: skip
    return examples.get(type_.name, "Leave the default out, or give a value of that type.")
