"""From a document (YAML, JSON, or shorthand strings in a list) to a spec.

Reading goes on after the first mistake: what cannot be read is reported and left out, so that everything else is
judged in the same breath.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields as dataclass_fields
from typing import Any, Final

from mcp_server.features.field_builder import MODIFIERS, FieldBuilder
from mcp_server.features.inflection import pluralise
from mcp_server.features.naming import is_name
from mcp_server.features.problems import did_you_mean, problem, shown
from mcp_server.features.shorthand import read_field
from mcp_server.features.spec import OPERATIONS, FeatureSpec, FieldSpec, SharedEnum
from mcp_server.features.type_text import UNREAD
from mcp_server.features.yaml_text import read_text
from mcp_server.workspace.errors import InvalidInput, Problem

KEYS: Final = tuple(field.name for field in dataclass_fields(FeatureSpec))
FIELD_KEYS: Final = ("name", "type", *MODIFIERS)
ENTRIES: Final = 100
"""Most entries in any list of a document, fields included."""


def load_spec(document: Mapping[str, Any]) -> FeatureSpec:
    """The spec that a document describes; it still has to be validated against a catalog.

    InvalidInput with every problem that can be seen without the catalog, if the document cannot be read.
    """
    # Imported here: judging a spec is heavier than reading one, and readable documents do not need it.
    from mcp_server.features.validate import validate_alone

    spec, problems = read_document(document)
    if problems:
        raise InvalidInput(*problems, *(found for found in validate_alone(spec) if found not in problems))
    return spec


def load_text(text: str) -> FeatureSpec:
    """The spec in YAML or JSON text. InvalidInput as for `load_spec`."""
    return load_spec(read_text(text))


def read_document(document: Any) -> tuple[FeatureSpec, list[Problem]]:
    """As much of the spec as can be read, and what is wrong with the shape of the document."""
    reader = _Reader()
    if not isinstance(document, Mapping):
        reader.wrong("document", document, "a mapping with the keys feature and fields", "SPEC001")
        return FeatureSpec("", (), ""), reader.problems
    for key in document:
        if key not in KEYS:
            hint = did_you_mean(key, KEYS) if isinstance(key, str) else "Use text as keys."
            reader.problems.append(
                problem("SPEC002", "document", f"{shown(key)} is not a key of a spec", hint)
            )
    feature = reader.text(document, "feature")
    plural = reader.text(document, "plural")
    if document.get("feature") is None:
        reader.missing("feature", "Name the feature, such as product.")
    if document.get("plural") is None and is_name(feature):
        plural = pluralise(feature)
    operations = reader.names(document, "operations", default=OPERATIONS)
    spec = FeatureSpec(
        feature=feature,
        fields=tuple(reader.fields(document)),
        plural=plural,
        description=reader.text(document, "description").strip(),
        owner=reader.text(document, "owner") if document.get("owner") is not None else None,
        unique=reader.groups(document, "unique"),
        indexes=reader.groups(document, "indexes"),
        search=reader.names(document, "search"),
        filters=reader.names(document, "filters"),
        sort=reader.names(document, "sort"),
        operations=_in_order(operations),
        pagination=reader.text(document, "pagination", "offset"),
        soft_delete=reader.flag(document, "soft_delete"),
        access=reader.access(document),
        enums=reader.enums(document),
    )
    return spec, reader.problems


def _in_order(operations: Iterable[str]) -> tuple[str, ...]:
    """Operations in the usual order, so that equal sets are equal specs; unknown ones stay, at the end."""
    return tuple(
        sorted(operations, key=lambda name: OPERATIONS.index(name) if name in OPERATIONS else len(OPERATIONS))
    )


class _Reader:
    """Takes values of the expected shape out of a document and remembers what was not."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, place: str, value: Any, wanted: str, code: str = "SPEC001") -> None:
        self.problems.append(problem(code, place, f"{shown(value)} is not {wanted}", f"Write {wanted}."))

    def missing(self, place: str, hint: str) -> None:
        self.problems.append(problem("SPEC003", place, f"{place.rpartition('.')[2]} is missing", hint))

    def text(self, document: Mapping[str, Any], key: str, default: str = "") -> str:
        value = document.get(key)
        if value is None:
            return default
        if not isinstance(value, str):
            self.wrong(key, value, "text")
            return default
        return value

    def flag(self, document: Mapping[str, Any], key: str) -> bool:
        value = document.get(key, False)
        if not isinstance(value, bool):
            self.wrong(key, value, "true or false")
            return False
        return value

    def entries(self, value: Any, place: str, wanted: str) -> list[Any]:
        """A list of bounded length; None counts as empty."""
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.wrong(place, value, wanted)
            return []
        if len(value) > ENTRIES:
            reason = f"there are {len(value)} entries, and {ENTRIES} are the limit"
            self.problems.append(problem("SPEC008", place, reason, "Split the feature."))
        return list(value[:ENTRIES])

    def words(self, value: Any, place: str, wanted: str) -> tuple[str, ...]:
        found: list[str] = []
        for number, entry in enumerate(self.entries(value, place, wanted)):
            if isinstance(entry, str):
                found.append(entry)
            else:
                self.wrong(f"{place}[{number}]", entry, "text")
        return tuple(found)

    def names(self, document: Mapping[str, Any], key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        if document.get(key) is None:
            return default
        return self.words(
            document[key], key, f"a list of {'operations' if key == 'operations' else 'field names'}"
        )

    def groups(self, document: Mapping[str, Any], key: str) -> tuple[tuple[str, ...], ...]:
        wanted = "a list of lists of field names, such as [[owner, name]]"
        found = []
        for number, entry in enumerate(self.entries(document.get(key), key, wanted)):
            place = f"{key}[{number}]"
            if isinstance(entry, list | tuple):
                found.append(self.words(entry, place, wanted))
            else:
                self.wrong(place, entry, "a list of field names, such as [owner, name]")
        return tuple(found)

    def access(self, document: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        value = document.get("access")
        if value is None:
            return ()
        if not isinstance(value, Mapping):
            self.wrong("access", value, "a mapping of operations to access, such as {list: public}")
            return ()
        levels: dict[str, str] = {}
        for key, level in list(value.items())[:ENTRIES]:
            if isinstance(key, str) and isinstance(level, str):
                levels[key] = level
            else:
                self.wrong("access", key if not isinstance(key, str) else level, "text")
        ordered = ((name, levels[name]) for name in _in_order(levels))
        return tuple(
            (name, level) for name, level in ordered if level != "authenticated" or name not in OPERATIONS
        )

    def enums(self, document: Mapping[str, Any]) -> tuple[SharedEnum, ...]:
        value = document.get("enums")
        if value is None:
            return ()
        if not isinstance(value, Mapping):
            self.wrong("enums", value, "a mapping of names to lists of values")
            return ()
        return tuple(
            SharedEnum(str(name), self.words(values, f"enums.{shown(name)}", "a list of values"))
            for name, values in list(value.items())[:ENTRIES]
        )

    def fields(self, document: Mapping[str, Any]) -> list[FieldSpec]:
        value = document.get("fields")
        if value is None or value in ([], {}, ()):
            self.missing("fields", "Give at least one field, such as name:string.")
            return []
        if isinstance(value, Mapping):
            value = [{key: text} for key, text in value.items()]
        entries = self.entries(value, "fields", "a list of fields, such as [name:string]")
        return [self._field(entry, f"fields[{number}]") for number, entry in enumerate(entries)]

    def _field(self, entry: Any, place: str) -> FieldSpec:
        if isinstance(entry, Mapping) and len(entry) == 1:
            # `- price: decimal(12,2) >=0` is one space away from the shorthand, and YAML makes it a mapping.
            (name, text), *_ = entry.items()
            if isinstance(name, str) and isinstance(text, str):
                entry = f"{name}:{text}"
        if isinstance(entry, str):
            field, found = read_field(entry, place)
            self.problems += found
            return field
        if isinstance(entry, Mapping):
            return self._long_field(entry, place)
        self.wrong(place, entry, "a field such as name:string")
        return FieldSpec("", UNREAD)

    def _long_field(self, entry: Mapping[Any, Any], place: str) -> FieldSpec:
        name, type_text = entry.get("name"), entry.get("type")
        for key, value in (("name", name), ("type", type_text)):
            if value is None:
                self.missing(f"{place}.{key}", "Write {name: price, type: 'decimal(12,2)'}.")
            elif not isinstance(value, str):
                self.wrong(f"{place}.{key}", value, "text")
        field = FieldSpec("", UNREAD)
        if isinstance(type_text, str):
            field, found = read_field(f"x:{type_text}", place)
            self.problems += found
            if field != FieldSpec("x", field.type, nullable=field.nullable):
                reason = "the type of a field that is written as a mapping holds no modifiers"
                self.problems.append(
                    problem("SPEC007", f"{place}.type", reason, "Write them as keys of their own.")
                )
        builder = FieldBuilder(
            FieldSpec(name if isinstance(name, str) else "", field.type, field.nullable), place, self.problems
        )
        for key, value in entry.items():
            if key in MODIFIERS:
                if value is not None:
                    builder.set(key, value)
            elif key not in FIELD_KEYS:
                hint = did_you_mean(key, FIELD_KEYS) if isinstance(key, str) else "Use text as keys."
                self.problems.append(problem("SPEC002", place, f"{shown(key)} is not a key of a field", hint))
        return builder.build()
