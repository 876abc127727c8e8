"""Create reviews

Revision ID: cb8d19695a0c
Revises: ff132d1c350c
"""

import sqlalchemy as sa
from alembic import op

revision: str = "cb8d19695a0c"
down_revision: str | tuple[str, ...] | None = "ff132d1c350c"
branch_labels: str | tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rating >= 1", name=op.f("ck_reviews_rating_ge")),
        sa.CheckConstraint("rating <= 5", name=op.f("ck_reviews_rating_le")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_reviews_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_reviews_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("public_id", name=op.f("uq_reviews_public_id")),
        sa.UniqueConstraint("owner_id", "product_id", name=op.f("uq_reviews_owner_id_product_id")),
    )
    op.create_index(op.f("ix_reviews_rating"), "reviews", ["rating"], unique=False)
    op.create_index(
        op.f("ix_reviews_owner_id_created_at"), "reviews", ["owner_id", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_reviews_owner_id_rating"), "reviews", ["owner_id", "rating", "id"], unique=False)
    op.create_index(
        op.f("ix_reviews_product_id_owner_id_created_at"),
        "reviews",
        ["product_id", "owner_id", "created_at", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("reviews")
