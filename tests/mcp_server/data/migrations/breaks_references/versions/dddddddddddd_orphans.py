"""references that lead nowhere"""

import sqlalchemy as sa
from alembic import op

revision: str = "dddddddddddd"
down_revision: str | None = "cccccccccccc"


def upgrade() -> None:
    op.execute(sa.text("UPDATE books SET author_id = 999"))


def downgrade() -> None:
    """Nothing to undo."""
