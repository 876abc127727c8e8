"""a second line of revisions"""

import sqlalchemy as sa
from alembic import op

revision: str = "dddddddddddd"
down_revision: str | None = "bbbbbbbbbbbb"


def upgrade() -> None:
    op.create_table("shops", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade() -> None:
    op.drop_table("shops")
