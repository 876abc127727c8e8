"""Routes below the rows of another feature (`/products/{public_id}/reviews`). They live with the feature that refers."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from mcp_server.features.catalog import Catalog
from mcp_server.features.naming import Names, class_name
from mcp_server.features.spec import FeatureSpec, FieldSpec

_STRICTNESS = ("public", "authenticated", "superuser")


@dataclass(frozen=True, slots=True)
class Nested:
    """What a reference opens below each row that it can lead to: a list and, where it is required, a creation."""

    spec: FeatureSpec
    field: FieldSpec
    target: FeatureSpec
    segment: str
    """Last part of the path."""

    @property
    def path(self) -> str:
        return f"/{self.target.names.path}/{{public_id}}/{self.segment}"

    @property
    def operations(self) -> tuple[str, ...]:
        """`list`, `create`, or both."""
        return tuple(
            name
            for name in ("list", "create")
            if name in self.spec.operations and (name == "list" or self.field.required)
        )

    def access_of(self, operation: str) -> str:
        """Who may do it: whoever may do it without the row above, and may read that row."""
        levels = (self.spec.access_of(operation), self.target.access_of("get"))
        return max(levels, key=_STRICTNESS.index)

    def operation_id(self, operation: str) -> str:
        rows = self.spec.plural if operation == "list" else self.spec.feature
        return f"{operation}_{rows}_of_{self.field.name}"

    @property
    def body_class(self) -> str:
        """The body of a creation: all but the reference, which the path gives."""
        return f"{self.spec.names.model_class}Of{class_name(self.field.name)}Create"

    @property
    def query_class(self) -> str:
        """The query of the list, where the usual one can filter by the reference."""
        return f"{self.spec.names.model_class}Of{class_name(self.field.name)}Query"


def opens_routes(spec: FeatureSpec, field: FieldSpec) -> bool:
    """Whether a field leads to rows below which this feature's are listed."""
    if not field.is_reference or spec.target_of(field) == "user":
        return False
    return field.back_reference is not None or spec.target_of(field) != spec.feature


def nested_of(spec: FeatureSpec, catalog: Catalog) -> tuple[Nested, ...]:
    """The nested routes of a feature; a reference to itself has some only under a name of its own (`as=children`)."""
    found = []
    for field in filter(partial(opens_routes, spec), spec.fields):
        itself = spec.target_of(field) == spec.feature
        known = catalog.features.get(spec.target_of(field))
        target = spec if itself else known.spec if known else None
        if target is None:
            continue
        segment = (field.back_reference or usual_segment(spec, field)).replace("_", "-")
        found.append(Nested(spec, field, target, segment))
    return tuple(nested for nested in found if nested.operations)


def usual_segment(spec: FeatureSpec, field: FieldSpec) -> str:
    """What the routes below the rows of a reference are called without a name of their own."""
    target = spec.target_of(field)
    others = (one for one in spec.fields if opens_routes(spec, one) and one is not field)
    alone = all(spec.target_of(one) != target for one in others)
    return spec.plural if alone else f"{field.name}_{spec.plural}"


def operation_ids(spec: FeatureSpec, names: Names, nested: Iterable[Nested]) -> set[str]:
    """The name of every route of a feature in the API document."""
    plain = {names.function(name) for name in spec.operations}
    return plain | {each.operation_id(name) for each in nested for name in each.operations}
