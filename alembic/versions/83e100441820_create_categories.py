"""Create categories

Revision ID: 83e100441820
Revises: b42732f6a050
"""

import sqlalchemy as sa
from alembic import op

revision: str = "83e100441820"
down_revision: str | tuple[str, ...] | None = "b42732f6a050"
branch_labels: str | tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.create_table(
        "categories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("public_id", name=op.f("uq_categories_public_id")),
        sa.UniqueConstraint("name", name=op.f("uq_categories_name")),
    )
    op.create_index(op.f("ix_categories_created_at"), "categories", ["created_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("categories")
