"""Names in a spec: well formed, free, and still different once code and tables are made of them."""

import keyword
from collections.abc import Iterator
from typing import Final

from mcp_server.features.inflection import pluralise, singular_of
from mcp_server.features.naming import CLASS_KINDS, FEATURE_LENGTH, FIELD_LENGTH, enum_class, folded, is_name
from mcp_server.features.problems import problem, shown
from mcp_server.features.reserved import CLASSES, FEATURES, MIXIN_COLUMNS, PROTECTED_PREFIXES
from mcp_server.features.spec import NUMBER_TYPES, TIME_TYPES, UNREADABLE, FeatureSpec, FieldSpec
from mcp_server.workspace.errors import Problem

PLURAL_LENGTH: Final = 45
_TABLES: Final = frozenset({"alembic_version", "auth", "bulk", "docs", "health", "openapi", "redoc"})
"""Plurals that would be a table or a path of something else."""


def check_names(spec: FeatureSpec) -> Iterator[Problem]:
    yield from _feature(spec)
    yield from _plural(spec)
    claimed: dict[str, FieldSpec] = {}
    folds: dict[str, FieldSpec] = {}
    for number, field in enumerate(spec.fields):
        place = f"fields[{number}].name"
        if not field.name and field.type.name == UNREADABLE:
            continue  # reported when it was read
        wrong = list(_malformed(place, field.name, FIELD_LENGTH))
        yield from wrong
        if not wrong:
            yield from _field(spec, field, place, claimed, folds)
    yield from _range_parameters(spec)


def _malformed(place: str, name: str, longest: int) -> Iterator[Problem]:
    if len(name) > longest:
        reason = f"{shown(name)} has {len(name)} characters, and {longest} are the limit"
        yield problem("SPEC010", place, reason, "Choose a shorter name.")
    elif not is_name(name):
        hint = "Use lower-case ASCII words joined by single underscores, such as order_item."
        yield problem("SPEC010", place, f"{shown(name)} is not a name", hint)


def _feature(spec: FeatureSpec) -> Iterator[Problem]:
    name = spec.feature
    wrong = list(_malformed("feature", name, FEATURE_LENGTH)) if name else []
    yield from wrong
    if wrong or not name:
        return
    if keyword.iskeyword(name) or name in FEATURES:
        who = "Python" if keyword.iskeyword(name) else "the kit"
        yield problem("SPEC011", "feature", f"{name} is reserved by {who}", f"Use {name}_item or a synonym.")
    singular = singular_of(name)
    if singular is not None and spec.plural == pluralise(name):
        hint = f"Use {singular}; if {name} is meant, give its plural as well (plural: ...)."
        yield problem("SPEC016", "feature", f"{name} reads like a plural", hint)


def _plural(spec: FeatureSpec) -> Iterator[Problem]:
    name = spec.plural
    if not name and not is_name(spec.feature):
        return  # it was derived from a name that is reported already
    wrong = list(_malformed("plural", name, PLURAL_LENGTH))
    yield from wrong
    if wrong:
        return
    if keyword.iskeyword(name) or name in _TABLES or name.startswith(("sqlite_", "pg_")):
        yield problem("SPEC011", "plural", f"{name} is reserved", f"Use {name}_items or a synonym.")
    if folded(name) == folded(spec.feature):
        hint = f"Give another plural, such as {spec.feature}_items."
        yield problem("SPEC016", "plural", f"{name} is the singular as well", hint)


def _field(
    spec: FeatureSpec,
    field: FieldSpec,
    place: str,
    claimed: dict[str, FieldSpec],
    folds: dict[str, FieldSpec],
) -> Iterator[Problem]:
    names = {field.name, field.column, field.json_name}
    if any(other.name == field.name for other in claimed.values()):
        yield problem("SPEC012", place, f"there are two fields called {field.name}", "Rename or drop one.")
        return
    reserved = sorted(
        names & (MIXIN_COLUMNS | ({"deleted_at", "deletion_id"} if spec.soft_delete else set()))
    )
    if reserved:
        hint = (
            "Write owner: user for the owner."
            if "owner" in field.name
            else "Leave it out, or choose another name."
        )
        yield problem("SPEC013", place, f"every table has {reserved[0]} already", hint)
    if field.name.startswith(PROTECTED_PREFIXES):
        yield problem(
            "SPEC011", place, f"{field.name} begins like a method of Pydantic", "Choose another name."
        )
    if field.name.endswith(("_public_id", "_public_ids")) and "uuid" not in (field.type.name, _item(field)):
        reason = f"{field.name} is what a reference is called in JSON, and holds UUIDs there"
        yield problem("SPEC013", place, reason, "Write ref(feature), uuid, or choose another name.")
    both = sorted(names & claimed.keys())
    if both:
        reason = f"{field.name} and {claimed[both[0]].name} would both be called {both[0]}"
        yield problem("SPEC014", place, reason, "Rename one of them.")
    elif folded(field.name) in folds:
        other = folds[folded(field.name)].name
        yield problem(
            "SPEC014", place, f"{field.name} and {other} differ only in underscores", "Rename one of them."
        )
    if field.type.name == "enum" and field.type.target is None:
        cls = enum_class(spec.feature, field.name)
        generated = {spec.names.schema(kind) for kind in CLASS_KINDS} | {spec.names.model_class}
        if cls in generated | CLASSES:
            reason = f"the class of this enum would be called {cls}, as another class is"
            yield problem("SPEC014", place, reason, f"Use {field.name}_kind or a synonym.")
    claimed |= dict.fromkeys(names - claimed.keys(), field)
    folds.setdefault(folded(field.name), field)


def _item(field: FieldSpec) -> str:
    return field.type.item.name if field.type.item is not None else ""


def _range_parameters(spec: FeatureSpec) -> Iterator[Problem]:
    """`price` as a filter answers to `price_min` and `price_max`, `tags` to `tags_public_id`; fields of that name would be
    taken for it."""
    ranged = {
        f"{field.name}_{end}": field.name
        for field in spec.fields
        for end in ("min", "max")
        if field.name in spec.filters and field.type.name in (*NUMBER_TYPES, *TIME_TYPES)
    }
    ranged |= {
        f"{field.name}_public_id": field.name
        for field in spec.fields
        if field.is_links and field.name in spec.filters
    }
    for number, field in enumerate(spec.fields):
        if field.json_name in ranged:
            reason = f"{field.json_name} is a query parameter of the filter {ranged[field.json_name]}"
            yield problem(
                "SPEC068", f"fields[{number}].name", reason, "Rename the field, or drop the filter."
            )
