"""The inverse of `tables`: what a spec gives is read back as that spec, and what it cannot say is told."""

from dataclasses import replace
from typing import Any

from hypothesis import given

from mcp_server.features.catalog import Catalog, KnownFeature
from mcp_server.features.code import item_type
from mcp_server.features.generate import generate
from mcp_server.features.load import load_spec
from mcp_server.features.naming import attribute_name, class_name, enum_class
from mcp_server.features.nested import nested_of
from mcp_server.features.shared_enums import resolved
from mcp_server.features.spec import FeatureSpec, FieldSpec
from mcp_server.features.tables import tables_of
from mcp_server.features.trace.trace import trace
from mcp_server.inspection.contract import Contract, Routes, lists_of
from mcp_server.inspection.mapped import Default, EnumClass, MappedTable
from mcp_server.schema.table import Table
from mcp_server.workspace.layout import LAYERED
from tests.mcp_server.features.strategies import specs
from tests.mcp_server.features.traceable import in_tables, traceable

CATEGORY = load_spec({"feature": "category", "fields": ["name:string(..100) unique"]})
CATALOG = Catalog.of(KnownFeature.of(CATEGORY, LAYERED))
MODULE = "app.models.thing"


def mapped(table: Table, **facts: Any) -> MappedTable:
    given_facts = {
        "model": "Thing",
        "module": MODULE,
        "attributes": {},
        "defaults": {},
        "enums": {},
        "items": {},
    }
    return MappedTable(table, **{**given_facts, "remarks": (), **facts})


def declared(spec: FeatureSpec) -> list[MappedTable]:
    """What the models generated from a spec declare: its table, and those of its links."""
    own, *links = tables_of(spec, CATALOG)
    fields = {field.column: field for field in resolved(spec, CATALOG).columns}
    classes = {
        name: enum_class(spec.feature, field.name)
        if field.type.target is None
        else class_name(field.type.target)
        for name, field in fields.items()
        if field.type.name == "enum"
    }
    first = mapped(
        own,
        model=spec.names.model_class,
        attributes={name: attribute_name(name) for name in fields if attribute_name(name) != name},
        defaults={name: _default(field) for name, field in fields.items() if field.default is not None},
        enums={name: EnumClass(found, MODULE) for name, found in classes.items()},
        items={
            name: item_type(field).removeprefix("dt.")
            for name, field in fields.items()
            if field.type.name == "list"
        },
    )
    return [first, *(mapped(link, model="", module="") for link in links)]


def _default(field: FieldSpec) -> Default:
    functions = {"now": "utc_now", "today": "today", "{}": "dict", "[]": "list"}
    if field.type.name in ("datetime", "date", "json", "list") and field.default in functions:
        return Default(function=functions[str(field.default)])
    return Default(f"{field.default:f}" if field.type.name == "decimal" else field.default)  # type: ignore[arg-type]


def told(spec: FeatureSpec) -> Contract:
    """Routes and lists of the generated files, and which fields their bodies and answers hold."""
    sources = generate(spec, CATALOG, LAYERED)
    access = {name: spec.access_of(name) for name in spec.operations}
    below = {
        each.operation_id(name): each.segment for each in nested_of(spec, CATALOG) for name in each.operations
    }
    routes = Routes(access, spec.pagination == "cursor" and "list" in access, below)
    lists = lists_of(sources[f"app/repositories/{spec.feature}.py"], spec.names.schema("Repository"))
    body: dict[str, dict[str, Any]] = {field.json_name: {} for field in spec.fields if not field.readonly}
    answer: dict[str, dict[str, Any]] = {field.json_name: {} for field in spec.fields if not field.secret}
    return Contract(body, answer, routes=routes, lists=lists)


@given(specs(CATALOG))
def test_the_tables_of_a_spec_give_the_spec_again(spec: FeatureSpec) -> None:
    own, *links = declared(spec)
    found = trace(spec.feature, own, links, told(spec), CATALOG)
    assert found.problems == ()
    assert found.gaps == ()
    assert found.spec.to_document() == in_tables(traceable(spec, CATALOG)).to_document()
    tables = tables_of(spec, CATALOG)
    assert {replace(one, indexes=()) for one in tables_of(found.spec, CATALOG)} == {
        replace(one, indexes=()) for one in tables
    }
    indexes = {index for one in tables for index in one.indexes}
    assert indexes == {index for one in tables_of(found.spec, CATALOG) for index in one.indexes}


def test_limits_of_bodies_that_no_check_has_are_told() -> None:
    spec = load_spec({"feature": "bolt", "fields": ["size:int", "price:decimal(6,2) >=0", "weight:float"]})
    own, *links = declared(spec)
    contract = told(spec)
    said: dict[str, dict[str, Any]] = {
        "size": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
        "price": {"anyOf": [{"minimum": 0.0, "exclusiveMaximum": 10000}, {"type": "string"}]},
        "weight": {"anyOf": [{"type": "number", "exclusiveMaximum": 7.5}, {"type": "null"}]},
    }
    found = trace(spec.feature, own, links, replace(contract, body=said), CATALOG)
    assert [(gap.code, gap.names, gap.reason) for gap in found.gaps] == [
        ("TRC031", ("size",), "bodies have the minimum 1, which no CHECK has"),
        ("TRC031", ("weight",), "bodies have the exclusiveMaximum 7.5, which no CHECK has"),
    ]


def test_unique_fields_that_answers_or_bodies_are_without_are_told() -> None:
    """In the language a rule over such a field is refused; of a feature that has one, the rest is read all the same."""
    fields = ["code:string? unique", "slug:string? unique", "a:string?", "b:int"]
    spec = load_spec({"feature": "bolt", "fields": fields, "unique": [["a", "b"]]})
    own, *links = declared(spec)
    contract = told(spec)
    assert contract.body is not None
    assert contract.answer is not None
    body = {name: said for name, said in contract.body.items() if name != "slug"}
    answer = {name: said for name, said in contract.answer.items() if name not in {"code", "a"}}
    found = trace(spec.feature, own, links, replace(contract, body=body, answer=answer), CATALOG)
    assert found.problems == ()
    assert found.spec.to_document() == spec.to_document()
    assert [(gap.code, gap.names, gap.hinders) for gap in found.gaps] == [
        ("TRC031", (name,), False) for name in ("code", "slug", "a")
    ]
