"""signed books"""

import sqlalchemy as sa
from alembic import op

revision: str = "cccccccccccc"
down_revision: str | None = "bbbbbbbbbbbb"


def upgrade() -> None:
    op.add_column("books", sa.Column("signed", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("books") as books:
        books.drop_column("signed")
