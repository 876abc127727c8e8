"""Fields that are only written (`secret`) or only read (`readonly`): is there a use of them that could not work?"""

from collections.abc import Iterator
from typing import Final

from mcp_server.features.problems import problem
from mcp_server.features.spec import RELATION_TYPES, UNREADABLE, FeatureSpec, FieldSpec
from mcp_server.workspace.errors import Problem

PASSWORDS: Final = frozenset({"password", "hashed_password"})
"""Names that no answer may show; a test of the service looks for them in all of its schemas."""


def check_visibility(spec: FeatureSpec) -> Iterator[Problem]:
    for number, field in enumerate(spec.fields):
        if field.type.name != UNREADABLE:
            yield from _field(field, f"fields[{number}]")
    yield from _lists(spec)
    yield from _uniques(spec)


def _field(field: FieldSpec, place: str) -> Iterator[Problem]:
    for mark in ("secret", "readonly"):
        if getattr(field, mark) and field.type.name in RELATION_TYPES:
            reason = f"a relation cannot be {mark}: the rows on its other side show it, or set it"
            yield problem("SPEC034", f"{place}.{mark}", reason, f"Leave {mark} out.")
    if field.name in PASSWORDS and not field.secret:
        yield problem("SPEC075", place, f"every answer would show {field.name}", "Mark it as secret.")
    if field.secret and field.readonly:
        reason = "nobody could ever set or see the field"
        yield problem("SPEC034", f"{place}.readonly", reason, "Keep one of secret and readonly.")
    elif field.readonly and field.required:
        reason = "no body sets a readonly field, so that a row could not be created"
        yield problem(
            "SPEC034", f"{place}.readonly", reason, "Give it a default, or make it optional with ?."
        )


def _lists(spec: FeatureSpec) -> Iterator[Problem]:
    secrets = {field.name for field in spec.fields if field.secret}
    for place, names in (("search", spec.search), ("filters", spec.filters), ("sort", spec.sort)):
        for position, name in enumerate(names):
            if name in secrets:
                reason = f"{name} is secret, and by {place} it could be found out bit by bit"
                yield problem("SPEC074", f"{place}[{position}]", reason, "Drop it here.")


def _uniques(spec: FeatureSpec) -> Iterator[Problem]:
    """A readonly field that starts as null may be unique: nulls are never alike, and the service sets it some day."""
    marked = {
        field.name: field
        for field in spec.fields
        if field.secret or (field.readonly and (field.default is not None or not field.nullable))
    }
    single = [
        (f"fields[{number}].unique", field.name) for number, field in enumerate(spec.fields) if field.unique
    ]
    grouped = [
        (f"unique[{number}][{position}]", name)
        for number, group in enumerate(spec.unique)
        for position, name in enumerate(group)
    ]
    for place, name in (*single, *grouped):
        if name in marked:
            told, alike = "a conflict would tell that another row holds the same", "new rows hold the same"
            what, why = ("secret", told) if marked[name].secret else ("readonly", alike)
            yield problem("SPEC074", place, f"{name} is {what}: {why}", "Drop the rule.")
