"""half way through, the process dies"""

import os
import signal

import sqlalchemy as sa
from alembic import op

revision: str = "dddddddddddd"
down_revision: str | None = "cccccccccccc"


def upgrade() -> None:
    op.create_table("shops", sa.Column("id", sa.Integer(), primary_key=True))
    if os.environ["DATABASE_URL"].endswith(".db"):  # not in the rehearsal
        os.kill(os.getpid(), signal.SIGKILL)


def downgrade() -> None:
    op.drop_table("shops")
