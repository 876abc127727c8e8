"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision or "base" | comma,n}
"""

import sqlalchemy as sa
% if imports:
${imports}
% endif
from alembic import op

revision: str = "${up_revision}"
<%
    def quoted(value):
        if value is None:
            return "None"
        if isinstance(value, str):
            return f'"{value}"'
        return "(" + ", ".join(f'"{item}"' for item in value) + ("," if len(value) == 1 else "") + ")"
%>\
down_revision: str | tuple[str, ...] | None = ${quoted(down_revision)}
branch_labels: str | tuple[str, ...] | None = ${quoted(branch_labels)}
depends_on: str | tuple[str, ...] | None = ${quoted(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
