"""The table of a spec: columns in order, every constraint with its name."""

from mcp_server.features.catalog import Catalog, KnownFeature
from mcp_server.features.load import load_spec
from mcp_server.features.tables import table_of
from mcp_server.schema.table import Check, Column, ColumnType, ForeignKey, Index, Table, Unique
from mcp_server.workspace.layout import LAYERED

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
            Column("site", ColumnType("string", length=2048)),
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
            Index("ix_orders_category_id", ("category_id",)),
            Index("ix_orders_parent_id", ("parent_id",)),
            Index("ix_orders_owner_id", ("owner_id",)),
            Index("ix_orders_state_created_at", ("state", "-created_at")),
        ),
    )  # fmt: skip
