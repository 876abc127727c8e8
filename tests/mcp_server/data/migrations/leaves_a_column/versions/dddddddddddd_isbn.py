"""a column that the way down forgets"""

import sqlalchemy as sa
from alembic import op

revision: str = "dddddddddddd"
down_revision: str | None = "cccccccccccc"


def upgrade() -> None:
    op.add_column("books", sa.Column("isbn", sa.String(length=13), nullable=True))


def downgrade() -> None:
    """Nothing: the column stays."""
