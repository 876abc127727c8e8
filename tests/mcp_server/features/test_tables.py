"""The table of a spec: columns in order, every constraint with its name."""

from typing import Any

import pytest
from hypothesis import given

from mcp_server.features.catalog import Catalog, KnownFeature
from mcp_server.features.load import load_spec
from mcp_server.features.spec import FeatureSpec
from mcp_server.features.tables import table_of, tables_of
from mcp_server.schema.table import Check, Column, ColumnType, ForeignKey, Index, Table, Unique
from mcp_server.workspace.layout import LAYERED
from tests.mcp_server.features.strategies import specs

CATEGORY = load_spec({"feature": "category", "fields": ["name:string(..100) unique"]})
CATALOG = Catalog.of(KnownFeature.of(CATEGORY, LAYERED))


def test_every_part_of_a_spec_that_databases_know() -> None:
    spec = load_spec({
        "feature": "order",
        "owner": "user",
        "fields": [
            "number:string(..20) unique index",
            "limit:int >=0 <=100 index",
            "price:decimal(12,2)? >0",
            "state:enum(open,paid)=open",
            "category:ref(category)?",
            "parent:ref(self)? on_delete=cascade",
            "site:url",
        ],
        "unique": [["owner", "category"]],
        "indexes": [["state", "-created_at"]],
    })  # fmt: skip
    assert table_of(spec, CATALOG) == Table(
        name="orders",
        primary_key="pk_orders",
        columns=(
            Column("id", ColumnType("int"), primary_key=True),
            Column("public_id", ColumnType("uuid")),
            Column("number", ColumnType("string", length=20)),
            Column("limit", ColumnType("int")),
            Column("price", ColumnType("decimal", precision=12, scale=2), nullable=True),
            Column("state", ColumnType("enum", values=("open", "paid")), check="ck_orders_state"),
            Column(
                "category_id",
                ColumnType("int"),
                nullable=True,
                foreign_key=ForeignKey("categories", "id", "SET NULL", "fk_orders_category_id"),
            ),
            Column(
                "parent_id",
                ColumnType("int"),
                nullable=True,
                foreign_key=ForeignKey("orders", "id", "CASCADE", "fk_orders_parent_id"),
            ),
            Column("site", ColumnType("string", length=2048, ascii=True)),
            Column("owner_id", ColumnType("int"), foreign_key=ForeignKey("users", "id", "CASCADE", "fk_orders_owner_id")),
            Column("created_at", ColumnType("datetime")),
            Column("updated_at", ColumnType("datetime")),
        ),
        uniques=(
            Unique("uq_orders_public_id", ("public_id",)),
            Unique("uq_orders_number", ("number",)),
            Unique("uq_orders_owner_id_category_id", ("owner_id", "category_id")),
        ),
        checks=(
            Check("ck_orders_limit_ge", '"limit" >= 0'),
            Check("ck_orders_limit_le", '"limit" <= 100'),
            Check("ck_orders_price_gt", "price > 0"),
        ),
        indexes=(
            Index("ix_orders_limit", ("limit",)),
            Index("ix_orders_state_created_at", ("state", "-created_at")),
            Index("ix_orders_owner_id_created_at", ("owner_id", "created_at", "id")),
            Index("ix_orders_category_id_owner_id_created_at", ("category_id", "owner_id", "created_at", "id")),
            Index("ix_orders_parent_id_owner_id_created_at", ("parent_id", "owner_id", "created_at", "id")),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        ({}, ["created_at id"]),
        ({"operations": ["get"]}, []),
        ({"owner": "user"}, ["owner_id created_at id"]),
        ({"owner": "user", "operations": ["get"]}, ["owner_id"]),
        # A public list reads the rows of all owners; the key of the owner still wants an index.
        ({"owner": "user", "access": {"list": "public"}}, ["created_at id", "owner_id"]),
        ({"sort": ["count", "state"]}, ["created_at id", "count id", "state id"]),
        ({"filters": ["count"], "sort": ["count"]}, ["created_at id", "count id"]),
        # The equality comes first: it serves superusers, and the deletion of the category, as well.
        ({"filters": ["state", "category"], "owner": "user"},
         ["owner_id created_at id", "state owner_id created_at id", "category_id owner_id created_at id"]),
        ({"filters": ["code"], "sort": ["code"]}, ["created_at id"]),  # unique
        ({"unique": [["owner", "name"]], "owner": "user", "sort": ["name"]}, ["owner_id created_at id"]),
        ({"indexes": [["name", "-count"]], "sort": ["name"]}, ["name -count", "created_at id"]),
        ({"indexes": [["count", "name"]], "filters": ["name"]}, ["count name", "created_at id", "name created_at id"]),
        ({"filters": ["long"], "sort": ["long"]}, ["created_at id"]),  # wider than a page of an index
    ],
)  # fmt: skip
def test_lists_and_keys_get_the_indexes_that_are_not_there_yet(
    document: dict[str, Any], wanted: list[str]
) -> None:
    fields = [
        "name:string(..50)",
        "code:string(..20) unique",
        "count:int?",
        "state:enum(a,b)",
        "long:string(..700)",
    ]
    fields += ["category:ref(category)?"] if "category" in document.get("filters", ()) else []
    table = table_of(load_spec({"feature": "thing", "fields": fields, **document}), CATALOG)
    assert [" ".join(index.columns) for index in table.indexes] == wanted


@given(specs(CATALOG))
def test_no_index_does_the_work_of_another(spec: FeatureSpec) -> None:
    """Declared ones aside: what somebody asked for is there."""
    table = table_of(spec, CATALOG)
    declared = sum(field.index and not field.unique for field in spec.fields) + len(spec.indexes)
    there = [tuple(name.removeprefix("-") for name in index.columns) for index in table.indexes]
    uniques = [unique.columns for unique in table.uniques]
    for number, columns in enumerate(there[declared:], start=declared):
        others = [*there[:number], *there[number + 1 :], *uniques]
        assert not any(other[: len(columns)] == columns for other in others)
    keys = {column.name for column in table.columns if column.foreign_key}
    assert keys <= {columns[0] for columns in (*there, *uniques)}
    assert len({index.name for index in table.indexes}) == len(table.indexes)


def test_many_is_a_table_of_two_keys() -> None:
    spec = load_spec({"feature": "order", "fields": ["labels:many(category)", "parts:many(self)"]})
    own, labels, parts = tables_of(spec, CATALOG)
    assert [column.name for column in own.columns] == ["id", "public_id", "created_at", "updated_at"]
    assert labels == Table(
        name="order_labels",
        primary_key="pk_order_labels",
        columns=(
            _link("order_id", "orders", "fk_order_labels_order_id"),
            _link("category_id", "categories", "fk_order_labels_category_id"),
        ),
        indexes=(Index("ix_order_labels_category_id", ("category_id",)),),
    )
    assert [column.name for column in parts.columns] == ["order_id", "linked_order_id"]


def _link(name: str, table: str, key: str) -> Column:
    foreign_key = ForeignKey(table, "id", "CASCADE", key)
    return Column(name, ColumnType("int"), primary_key=True, foreign_key=foreign_key)
