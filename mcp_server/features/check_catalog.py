"""A spec beside the features that are there already: references, owners, and names that are taken."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from mcp_server.features.catalog import Catalog, KnownFeature
from mcp_server.features.inflection import with_article
from mcp_server.features.naming import CLASS_KINDS, Names, class_name, enum_class, folded, is_name
from mcp_server.features.nested import nested_of, operation_ids
from mcp_server.features.problems import did_you_mean, problem, shown
from mcp_server.features.spec import RELATION_TYPES, FeatureSpec
from mcp_server.features.tables import tables_of
from mcp_server.workspace.errors import Problem


def check_catalog(spec: FeatureSpec, catalog: Catalog) -> Iterator[Problem]:
    if spec.owner is not None and spec.owner != "user":
        yield problem(
            "SPEC052", "owner", f"{shown(spec.owner)} cannot own rows", "Write owner: user, or leave it out."
        )
    yield from _references(spec, catalog)
    yield from _access(spec, catalog)
    if not is_name(spec.feature):
        return
    taken = list(_taken(spec, catalog))
    yield from taken
    yield from _routes(spec, catalog)
    if not taken:
        yield from _constraints(spec, catalog)


def _references(spec: FeatureSpec, catalog: Catalog) -> Iterator[Problem]:
    known = (*(name for name, feature in catalog.features.items() if feature.referable), "self")
    by_plural = {each.plural: each.name for each in catalog.features.values()}
    for number, field in enumerate(spec.fields):
        target = field.type.target
        if field.type.name not in RELATION_TYPES or target is None or target == spec.feature:
            continue
        place = f"fields[{number}].type"
        if target in catalog.features and target not in known:
            reason = f"{target} has no repository or no factory of tests that {spec.feature} could import"
            hint = f"Write them where `kit feature add` would for {target}, then try again"
            yield problem("SPEC050", place, reason, hint)
        elif target not in known:
            meant = by_plural.get(target)
            hint = f"Did you mean '{meant}'?" if meant else did_you_mean(target, known)
            yield problem("SPEC050", place, f"there is no feature {shown(target)}", hint)
        elif target != "self":
            yield from _classes(spec, catalog.features[target], place)
            if field.is_reference and field.required and spec.feature in _needed_by(target, catalog):
                reason = f"{with_article(target)} needs {with_article(spec.feature)}, so that neither could be the first"
                yield problem("SPEC053", place, reason, "Make one of the references optional with ?.")


def _access(spec: FeatureSpec, catalog: Catalog) -> Iterator[Problem]:
    """Callers who are nobody reach no private row, so that they cannot write what must refer to one."""
    for field in spec.fields:
        known = catalog.features.get(spec.target_of(field)) if field.is_reference and field.required else None
        if known is None or not known.private:
            continue
        for name in ("create", "bulk_create", "replace"):
            if name in spec.operations and spec.access_of(name) == "public":
                reason = f"{field.name} must refer to {with_article(known.name)}, and callers who are nobody reach none"
                hint = f"Use authenticated, make {field.name} optional, or let everybody get {with_article(known.name)}."
                yield problem("SPEC070", f"access.{name}", reason, hint)


def _needed_by(feature: str, catalog: Catalog) -> set[str]:
    """The features of which a row must be there before one of this feature can be, at whatever remove."""
    found: set[str] = set()
    waiting = [feature]
    while waiting:
        known = catalog.features.get(waiting.pop())
        spec = known.spec if known else None
        fields = [field for field in spec.fields if field.is_reference and field.required] if spec else []
        new = {spec.target_of(field) for field in fields} - found if spec else set()
        found |= new
        waiting += new
    return found


def _classes(spec: FeatureSpec, other: KnownFeature, place: str) -> Iterator[Problem]:
    """A feature and the one it refers to meet in one module; their classes must differ."""
    ours = {spec.names.schema(kind) for kind in CLASS_KINDS}
    ours |= {enum_class(spec.feature, field.name) for field in spec.fields if field.type.name == "enum"} | {
        class_name(enum.name) for enum in spec.enums
    }
    theirs = {other.model_class} | {other.names.schema(kind) for kind in CLASS_KINDS}
    for name in sorted((ours | {spec.names.model_class}) & theirs):
        reason = f"{name} would be a class of this feature and of {other.name}"
        yield problem("SPEC014", place, reason, "Rename this feature, or its enum field.")


def _taken(spec: FeatureSpec, catalog: Catalog) -> Iterator[Problem]:
    for other in catalog.features.values():
        if other.name == spec.feature:
            yield problem(
                "SPEC015", "feature", f"{other.name} exists already", "Choose another name, or extend it."
            )
            return
        ours = {"feature": spec.feature, "plural": spec.plural}
        theirs = {folded(other.name): other.name, folded(other.plural): other.plural}
        for place, name in ours.items():
            if not name or folded(name) not in theirs:
                continue
            clash = theirs[folded(name)]
            code = "SPEC015" if clash == name else "SPEC014"
            reason = f"{name} cannot be told from {clash} of the feature {other.name}"
            yield problem(code, place, reason, "Choose another name.")
        if spec.names.table == other.table and spec.plural != other.plural:
            reason = f"the table {other.table} belongs to the feature {other.name}"
            yield problem("SPEC015", "plural", reason, "Give another plural.")
        if spec.names.model_class.lower() == other.model_class.lower() and folded(spec.feature) != folded(
            other.name
        ):
            reason = f"the class {other.model_class} belongs to the feature {other.name}"
            yield problem("SPEC015", "feature", reason, "Choose another name.")


def _routes(spec: FeatureSpec, catalog: Catalog) -> Iterator[Problem]:
    """Paths below rows of other features are shared by all that refer to them; names of routes by the whole service."""
    others = [each.spec for each in catalog.features.values() if each.spec and each.name != spec.feature]
    theirs = {
        each.feature: _routes_of(each, catalog.names_of(each), _targets(each, catalog)) for each in others
    }
    paths = {path: f"one of the feature {name}" for name, (found, _) in theirs.items() for path in found}
    ours = nested_of(spec, catalog)
    for nested in ours:
        place = f"fields[{spec.fields.index(nested.field)}].as"
        if nested.path in paths:
            reason = f"{nested.path} would be a route of this field and {paths[nested.path]}"
            yield problem("SPEC072", place, reason, "Write as=<another name> on the field.")
        paths[nested.path] = f"one of the field {nested.field.name}"
    names = operation_ids(spec, catalog.names_of(spec), ours)
    for feature, (_, taken) in theirs.items():
        for name in sorted(names & taken):
            reason = f"a route would be called {name}, as one of the feature {feature} is"
            yield problem("SPEC072", "feature", reason, "Rename the feature or the field.")


def _targets(spec: FeatureSpec, catalog: Catalog) -> tuple[KnownFeature, ...]:
    references = (spec.target_of(field) for field in spec.fields if field.is_reference)
    return tuple(catalog.features[name] for name in references if name in catalog.features)


@lru_cache(maxsize=1024)
def _routes_of(
    spec: FeatureSpec, names: Names, targets: tuple[KnownFeature, ...]
) -> tuple[frozenset[str], frozenset[str]]:
    """The paths of a feature's nested routes and the names of all its routes, which depend on nothing but what it refers to."""
    nested = nested_of(spec, Catalog.of(*targets))
    return frozenset(each.path for each in nested), frozenset(operation_ids(spec, names, nested))


def _constraints(spec: FeatureSpec, catalog: Catalog) -> Iterator[Problem]:
    """Names of constraints and indexes are shared by a whole database; autogenerate folds equal ones silently."""
    from mcp_server.features.check_constraints import sound

    ours = _names_of(sound(spec))
    for other in catalog.features.values():
        theirs = _names_of(other.spec) if other.spec else {other.table: ""}
        for name in sorted(ours.keys() & theirs.keys()):
            reason = f"the {ours[name]} would be called {name}, as one of the feature {other.name} is"
            yield problem("SPEC015", "plural", reason, "Give another plural, or rename the field.")


@lru_cache(maxsize=1024)
def _names_of(spec: FeatureSpec) -> Mapping[str, str]:
    """The names in a feature's tables. They do not depend on what it refers to, so one answer serves every question."""
    from mcp_server.features.check_constraints import names_of, stand_ins

    return names_of(tables_of(spec, Catalog.of(*stand_ins(spec).values())))
