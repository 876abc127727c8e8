"""a way down that fails"""

import sqlalchemy as sa
from alembic import op

revision: str = "dddddddddddd"
down_revision: str | None = "cccccccccccc"


def upgrade() -> None:
    op.add_column("books", sa.Column("isbn", sa.String(length=13), nullable=True))


def downgrade() -> None:
    op.drop_table("isbn")
