"""Enums that one feature declares and all may use: `enums: {order_status: [open, paid]}`, `status:enum(@order_status)`.

The class lives in the model module of the feature that declares it.
"""

from collections.abc import Iterator
from dataclasses import replace

from mcp_server.features.catalog import Catalog
from mcp_server.features.check_fields import check_labels
from mcp_server.features.naming import CLASS_KINDS, class_name, is_name
from mcp_server.features.problems import did_you_mean, problem, shown
from mcp_server.features.reserved import CLASSES
from mcp_server.features.spec import FeatureSpec, FieldSpec, TypeSpec
from mcp_server.workspace.errors import Problem


def declaring(spec: FeatureSpec, catalog: Catalog) -> dict[str, FeatureSpec]:
    """Every shared enum by name, with the feature that declares it: this one, or one of the catalog."""
    others = (known.spec for known in catalog.features.values() if known.spec and known.name != spec.feature)
    return {enum.name: feature for feature in (*others, spec) for enum in feature.enums}


def resolved(spec: FeatureSpec, catalog: Catalog) -> FeatureSpec:
    """The spec with the values of the shared enums that it uses filled in."""
    values = {
        enum.name: enum.values for feature in declaring(spec, catalog).values() for enum in feature.enums
    }

    def filled(type_: TypeSpec) -> TypeSpec:
        if type_.item is not None:
            return replace(type_, item=filled(type_.item))
        return (
            replace(type_, values=values.get(type_.target or "", type_.values)) if is_shared(type_) else type_
        )

    return replace(spec, fields=tuple(replace(field, type=filled(field.type)) for field in spec.fields))


def is_shared(type_: TypeSpec) -> bool:
    return type_.name == "enum" and type_.target is not None


def shared_name(type_: TypeSpec) -> str | None:
    """The shared enum that a type is, or holds as a list."""
    type_ = type_.item or type_
    return type_.target if is_shared(type_) else None


def check_shared_enums(spec: FeatureSpec, catalog: Catalog) -> Iterator[Problem]:
    """What is declared, and what is used."""
    yield from _declared(spec, catalog)
    known = declaring(spec, catalog)
    whole = {field.name: field for field in resolved(spec, catalog).fields}
    for number, field in enumerate(spec.fields):
        type_ = field.type.item or field.type
        if not is_shared(type_):
            continue
        if type_.target not in known:
            hint = did_you_mean(str(type_.target), known, otherwise="Declare it: enums: {name: [a, b]}.")
            reason = f"there is no shared enum {shown(type_.target)}"
            yield problem("SPEC054", f"fields[{number}].type", reason, hint)
        elif _strange_default(whole[field.name]):
            reason = f"{shown(field.default)} is not a value of {type_.target}"
            hint = did_you_mean(str(field.default), whole[field.name].type.values)
            yield problem("SPEC040", f"fields[{number}].default", reason, hint)


def _strange_default(field: FieldSpec) -> bool:
    return field.type.name == "enum" and field.default is not None and field.default not in field.type.values


def _declared(spec: FeatureSpec, catalog: Catalog) -> Iterator[Problem]:
    others = declaring(replace(spec, enums=()), catalog)
    classes = CLASSES | {spec.names.model_class} | {spec.names.schema(kind) for kind in CLASS_KINDS}
    classes |= {known.model_class for known in catalog.features.values()}
    for position, enum in enumerate(spec.enums):
        place = f"enums[{position}]"
        yield from check_labels(enum.values, place)
        if not is_name(enum.name):
            hint = "Use lower-case ASCII words joined by single underscores, such as order_status."
            yield problem("SPEC010", place, f"{shown(enum.name)} is not a name", hint)
        elif enum.name in others:
            reason = f"the feature {others[enum.name].feature} declares {enum.name} already"
            hint = f"Use enum(@{enum.name}), which changes with {others[enum.name].feature}, or choose another name."
            yield problem("SPEC015", place, reason, hint)
        elif class_name(enum.name) in classes:
            reason = f"its class would be called {class_name(enum.name)}, as another class is"
            yield problem("SPEC014", place, reason, f"Use {enum.name}_kind or a synonym.")
