"""books"""

import sqlalchemy as sa
from alembic import op

revision: str = "bbbbbbbbbbbb"
down_revision: str | None = "aaaaaaaaaaaa"


def upgrade() -> None:
    op.create_table(
        "books",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("price", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("sold", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status", sa.String(length=9), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("sequel_of_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(sa.column("status").in_(["draft", "published"]), name=op.f("ck_books_status")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_books_price")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name=op.f("fk_books_author_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["sequel_of_id"], ["books.id"], name=op.f("fk_books_sequel_of_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_books")),
        sa.UniqueConstraint("author_id", "title", name=op.f("uq_books_author_id_title")),
    )
    op.create_index(
        op.f("ix_books_current"),
        "books",
        ["title"],
        sqlite_where=sa.text("sold = 0"),
        postgresql_where=sa.text("sold = 0"),
    )


def downgrade() -> None:
    op.drop_table("books")
