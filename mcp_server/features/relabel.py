"""Labels of enums that get other names, rows included: `status.draft` -> `new` of a field's own enum, `order_status.open`
-> `opened` of an enum that the feature declares for all."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mcp_server.features.problems import did_you_mean, shown
from mcp_server.features.spec import FeatureSpec, FieldSpec, TypeSpec
from mcp_server.workspace.errors import Problem

Labels = Mapping[str, Mapping[str, str]]
"""Field or shared enum -> old label -> new label. A new label that is there already takes the rows of the old one over."""


def split(rename: Mapping[str, str]) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The renames of fields, and those of labels."""
    fields = {name: to for name, to in rename.items() if "." not in name}
    labels: dict[str, dict[str, str]] = {}
    for name, to in rename.items():
        if name not in fields:
            owner, _, label = name.partition(".")
            labels.setdefault(owner, {})[label] = to
    return fields, labels


def values_of(spec: FeatureSpec, owner: str) -> tuple[str, ...]:
    """The labels of a field's own enum, or of an enum that the feature declares; nothing for any other name."""
    field = spec.field(owner)
    if field is not None and _enum(field).name == "enum" and _enum(field).target is None:
        return _enum(field).values
    return next((enum.values for enum in spec.enums if enum.name == owner), ())


def pending(spec: FeatureSpec, labels: Labels) -> tuple[Labels, list[Problem]]:
    """Of the renames those that are not done already, and what is wrong with the others."""
    wanted: dict[str, dict[str, str]] = {}
    problems: list[Problem] = []
    for owner, pairs in labels.items():
        values = values_of(spec, owner)
        for label, to in pairs.items():
            if to in pairs:
                reason, hint = f"{shown(to)} gets another name itself", "Rename one after the other"
                problems.append(_problem("EXT001", owner, label, reason, hint))
            elif label in values:
                wanted.setdefault(owner, {})[label] = to
            elif to not in values:
                reason = f"{spec.feature} declares no label {shown(label)} of {shown(owner)}"
                hint = "Name a field with an enum of its own, or a shared enum that this feature declares"
                hint = did_you_mean(label, values, otherwise=hint)
                problems.append(_problem("EXT002", owner, label, reason, hint))
    return wanted, problems


def missing(spec: FeatureSpec, labels: Labels, renamed: Mapping[str, str]) -> Iterator[Problem]:
    """Labels that rows would get and the new spec does not have."""
    for owner, pairs in labels.items():
        values = values_of(spec, renamed.get(owner, owner))
        for label, to in pairs.items():
            if to not in values:
                reason = f"the new spec has no label {shown(to)} of {shown(owner)}"
                yield _problem("EXT002", owner, label, reason, did_you_mean(to, values))


def _problem(code: str, owner: str, label: str, reason: str, hint: str) -> Problem:
    return Problem(code, f"rename.{owner}.{label}"[:100], reason[:300], hint[:300])


def relabelled(spec: FeatureSpec, labels: Labels) -> FeatureSpec:
    """The spec with the new labels in the places of the old ones, as defaults too."""
    enums = (replace(enum, values=_renamed(enum.values, labels.get(enum.name, {}))) for enum in spec.enums)
    return replace(
        spec, fields=tuple(_relabelled(field, labels) for field in spec.fields), enums=tuple(enums)
    )


def _relabelled(field: FieldSpec, labels: Labels) -> FieldSpec:
    pairs = pairs_of(field, labels)
    if not pairs:
        return field
    default = pairs.get(field.default, field.default) if isinstance(field.default, str) else field.default
    enum = replace(_enum(field), values=_renamed(_enum(field).values, pairs))
    return replace(field, type=replace(field.type, item=enum) if field.type.item else enum, default=default)


def pairs_of(field: FieldSpec, labels: Labels) -> Mapping[str, str]:
    """What becomes of the labels in a field's column; `labels` goes by the name that `field` has."""
    enum = _enum(field)
    return labels.get(enum.target or field.name, {}) if enum.name == "enum" else {}


def _enum(field: FieldSpec) -> TypeSpec:
    """The type of the values: of a list, what it holds."""
    return field.type.item or field.type


def relabelled_columns(
    old: FeatureSpec, labels: Labels, renamed: Mapping[str, str]
) -> dict[str, Mapping[str, str]]:
    """Column, by its next name, to what becomes of the labels in it."""
    return {
        renamed.get(field.name, field.name): pairs
        for field in old.fields
        if (pairs := pairs_of(field, labels))
    }


def _renamed(values: tuple[str, ...], pairs: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(pairs.get(value, value) for value in values))
