"""Builds the view of a feature in a catalog."""

from collections.abc import Mapping

from mcp_server.features import code
from mcp_server.features.catalog import Catalog
from mcp_server.features.field_view import FieldView, Target
from mcp_server.features.imports import IMPORTABLE
from mcp_server.features.link_view import LinkView
from mcp_server.features.naming import enum_class
from mcp_server.features.nested import nested_of
from mcp_server.features.nested_view import NestedView
from mcp_server.features.reserved import BUILT_IN
from mcp_server.features.sampled_view import SampledView
from mcp_server.features.samples import samples_of
from mcp_server.features.shared_enums import resolved
from mcp_server.features.spec import FeatureSpec, FieldSpec
from mcp_server.features.tables import link_table, table_of
from mcp_server.features.view import FeatureView

SCHEMAS = ("Create", "Update", "Read", "Query", "Page", "Bulk", "Fields", "Filters")


def view_of(spec: FeatureSpec, catalog: Catalog) -> SampledView:
    """Everything the templates need. The spec must be valid in this catalog."""
    spec = resolved(spec, catalog)
    names, table = catalog.names_of(spec), table_of(spec, catalog)
    nested = nested_of(spec, catalog)
    taken = (
        IMPORTABLE
        | BUILT_IN
        | {"I", "O"}
        | {names.schema(kind) for kind in SCHEMAS}
        | {name for each in nested for name in (each.body_class, each.query_class)}
    )
    taken |= {names.model_class} | {enum_class(spec.feature, field.name) for field in spec.fields}
    taken |= {code.enum_name(spec, field) for field in spec.fields if field.type.name == "enum"}
    samples = samples_of(spec)
    fields = tuple(
        FieldView(
            feature=spec,
            spec=field,
            table=table,
            target=_target(spec, field, catalog),
            alias=code.alias_name(field, frozenset(taken)),
            samples=samples[field.name],
        )
        for field in spec.fields
    )
    by_name = {field.spec.name: field for field in fields}
    views = tuple(
        NestedView(each, names, by_name[each.field.name], target)
        for each in nested
        if (target := by_name[each.field.name].target) is not None
    )
    links = tuple(
        LinkView(field, link_table(spec, field.spec, catalog), field.target)
        for field in fields
        if field.spec.is_links and field.target is not None
    )
    return SampledView(spec, names, table, fields, views, links)


def _target(spec: FeatureSpec, field: FieldSpec, catalog: Catalog) -> Target | None:
    if not field.is_reference and not field.is_links:
        return None
    feature = spec.target_of(field)
    if feature == spec.feature:
        private = spec.owner is not None and spec.access_of("get") != "public"
        return Target(catalog.names_of(spec), private, True)
    known = catalog.features[feature]
    return Target(known.names, known.private, False)


def workspace_names(view: FeatureView, modules: Mapping[str, str]) -> dict[str, str]:
    """Which module of the workspace each of the feature's own names is imported from."""
    cls = view.cls
    found = {
        view.model: modules["model"],
        f"{cls('Record')}": modules["repository"],
        f"{cls('Repository')}": modules["repository"],
        f"{cls('Service')}": modules["service"],
    }
    found |= {name: modules["model"] for name, _ in view.enums}
    found |= {link.variable: modules["model"] for link in view.links}
    found |= {cls(kind): modules["schemas"] for kind in SCHEMAS}
    found |= {name: modules["schemas"] for nested in view.nested for name in (nested.body, nested.query)}
    found[f"make_{view.names.feature}"] = modules["factory"]
    found[view.names.body_function] = modules["factory"]
    return found
