"""The conditions by which a list is narrowed, as source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mcp_server.features import code
from mcp_server.features.field_view import FieldView
from mcp_server.features.link_view import LinkView
from mcp_server.features.spec import NUMBER_TYPES, TIME_TYPES


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition of a list: a query parameter and what it compares."""

    name: str
    attribute: str
    type: str
    condition: str
    field: FieldView
    kind: str
    """equal, min or max."""


def filters_of(field: FieldView, model: str, links: Sequence[LinkView]) -> Iterator[Filter]:
    """What a field that is filtered by gives; `links` are those of the feature, in the order of the repository's."""
    name, attribute = field.json_name, field.body_attribute
    column, literal = f"{model}.{field.attribute}", code.literal(attribute)
    link = next((link for link in links if link.field is field), None)
    if link is not None:
        name = link.parameter
        condition = f"links[{links.index(link)}].lead_to({model}.id, {code.literal(name)})"
        yield Filter(name, name, "UUID", condition, field, "equal")
    elif field.spec.is_reference and field.target:
        condition = f"refers_to({column}, {field.target.model_class}, {literal})"
        yield Filter(name, attribute, "UUID", condition, field, "equal")
    elif field.spec.type.name in (*NUMBER_TYPES, *TIME_TYPES):
        kind = code.range_type(field.spec)
        for end, sign in (("min", ">="), ("max", "<=")):
            name = f"{field.spec.name}_{end}"
            yield Filter(name, name, kind, f"{column} {sign} bindparam({code.literal(name)})", field, end)
    else:
        yield Filter(name, attribute, field.body_type, f"{column} == bindparam({literal})", field, "equal")
