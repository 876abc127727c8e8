"""Demo rows keep to the spec that they are made from, and come in an order in which they can be stored."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given

from mcp_server.features.demo_rows import ROWS, demo_rows
from mcp_server.features.load import load_spec
from mcp_server.features.patterns import matcher
from mcp_server.features.ranges import value_range
from mcp_server.features.shared_enums import resolved
from mcp_server.features.spec import NUMBER_TYPES, TEXT_LENGTH, FeatureSpec, FieldSpec
from mcp_server.operations.known_features import catalog_of
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.features.strategies import specs

CATALOG = catalog_of(Workspace.open(Path(__file__)))


def fits(field: FieldSpec, value: Any) -> bool:
    kind = field.type.name
    if kind in NUMBER_TYPES:
        low, high = value_range(field)
        exact = Decimal(value) if kind == "decimal" else value
        return isinstance(value, str) == (kind == "decimal") and low <= exact <= high
    if kind in {"string", "text"}:
        long_enough = (field.type.min or 0) <= len(value) <= (field.type.max or TEXT_LENGTH)
        return long_enough and (field.pattern is None or matcher(field.pattern)(value))
    return kind != "enum" or value in field.type.values


@given(specs(CATALOG, targets=("category", "product", "user")))
def test_every_value_keeps_the_bounds_of_its_field(spec: FeatureSpec) -> None:
    spec = resolved(spec, CATALOG)
    (rows,) = demo_rows([spec])
    assert len(rows.bodies) == ROWS
    assert json.loads(json.dumps(rows.bodies)) == list(rows.bodies)
    named = {reference.name for reference in rows.references}
    for body in rows.bodies:
        assert body.keys() | named == {field.json_name for field in spec.fields if not field.readonly}
        bad = [
            field
            for field in spec.fields
            if field.json_name in body and not fits(field, body[field.json_name])
        ]
        assert not bad


def order(*documents: tuple[str, list[str]]) -> list[str]:
    made = [load_spec({"feature": feature, "fields": fields}) for feature, fields in documents]
    return [rows.table for rows in demo_rows(made)]


def test_those_that_others_refer_to_come_first() -> None:
    chain = [("leaf", ["a:ref(branch)"]), ("branch", ["a:ref(root)?"]), ("root", ["name:string"])]
    assert order(*chain) == ["roots", "branches", "leaves"]


def test_of_features_that_refer_to_each_other_the_one_that_can_wait_comes_first() -> None:
    needy, patient = ("needy", ["a:ref(patient)"]), ("patient", ["a:ref(needy)?", "b:ref(self)?"])
    assert order(needy, patient) == order(patient, needy)
    assert order(needy, patient)[0] == "patients"
