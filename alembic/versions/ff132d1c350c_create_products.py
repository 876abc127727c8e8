"""Create products

Revision ID: ff132d1c350c
Revises: 83e100441820
"""

import sqlalchemy as sa
from alembic import op

revision: str = "ff132d1c350c"
down_revision: str | tuple[str, ...] | None = "83e100441820"
branch_labels: str | tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("sku", sa.String(length=32), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("price", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("in_stock", sa.Boolean(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            sa.column("status").in_(["draft", "active", "archived"]), name=op.f("ck_products_status")
        ),
        sa.CheckConstraint("price >= 0", name=op.f("ck_products_price_ge")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_products_category_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_products_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("public_id", name=op.f("uq_products_public_id")),
        sa.UniqueConstraint("sku", name=op.f("uq_products_sku")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_products_owner_id_name")),
    )
    op.create_index(op.f("ix_products_name"), "products", ["name"], unique=False)
    op.create_index(op.f("ix_products_price"), "products", ["price"], unique=False)
    op.create_index(op.f("ix_products_status_created_at"), "products", ["status", "created_at"], unique=False)
    op.create_index(
        op.f("ix_products_owner_id_created_at"), "products", ["owner_id", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_products_owner_id_price"), "products", ["owner_id", "price", "id"], unique=False)
    op.create_index(
        op.f("ix_products_status_owner_id_created_at"),
        "products",
        ["status", "owner_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_products_in_stock_owner_id_created_at"),
        "products",
        ["in_stock", "owner_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_products_category_id_owner_id_created_at"),
        "products",
        ["category_id", "owner_id", "created_at", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("products")
