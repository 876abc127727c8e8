"""fails after its first statement, but only on the real database"""

import os

import sqlalchemy as sa
from alembic import op

revision: str = "dddddddddddd"
down_revision: str | None = "cccccccccccc"


def upgrade() -> None:
    op.create_table("shops", sa.Column("id", sa.Integer(), primary_key=True))
    if os.environ["DATABASE_URL"].endswith(".db"):
        raise RuntimeError("the shop is closed")


def downgrade() -> None:
    op.drop_table("shops")
