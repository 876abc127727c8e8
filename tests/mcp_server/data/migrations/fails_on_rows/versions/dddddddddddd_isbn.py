"""a column that existing rows have no value for"""

import sqlalchemy as sa
from alembic import op

revision: str = "dddddddddddd"
down_revision: str | None = "cccccccccccc"


def upgrade() -> None:
    with op.batch_alter_table("books") as books:
        books.add_column(sa.Column("isbn", sa.String(length=13), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("books") as books:
        books.drop_column("isbn")
