"""a table made anew instead of changed"""

import sqlalchemy as sa
from alembic import op

revision: str = "dddddddddddd"
down_revision: str | None = "cccccccccccc"


def _names(length: int) -> None:
    with op.batch_alter_table("books") as books:
        books.drop_constraint("fk_books_author_id", type_="foreignkey")
    op.execute(sa.text("DELETE FROM books"))
    op.drop_table("authors")
    op.create_table(
        "authors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=length), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authors")),
        sa.UniqueConstraint("name", name=op.f("uq_authors_name")),
    )
    with op.batch_alter_table("books") as books:
        books.create_foreign_key(
            op.f("fk_books_author_id"), "authors", ["author_id"], ["id"], ondelete="CASCADE"
        )


def upgrade() -> None:
    _names(150)


def downgrade() -> None:
    _names(100)
