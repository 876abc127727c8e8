"""Schema operations to the text of a revision file. The steps come from the spec; autogenerate only cross-checks them."""

import re
from collections.abc import Sequence

from mcp_server.migrations.expression import string
from mcp_server.migrations.write_rows import Imports
from mcp_server.migrations.write_steps import statements
from mcp_server.migrations.write_tables import ASCII_TYPE
from mcp_server.schema.operations import SchemaOperation, reverse

HEADER = '''"""{message}

Revision ID: {revision}
Revises: {parent}
"""

{imports}
revision: str = "{revision}"
down_revision: str | tuple[str, ...] | None = {down_revision}
branch_labels: str | tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None
'''


def file_name(revision: str, message: str) -> str:
    """`<revision>_<slug>.py`, the slug at most 40 characters."""
    slug = re.sub(r"\W+", "_", message.lower(), flags=re.ASCII).strip("_")
    if len(slug) > 40:
        slug = slug[:41].rpartition("_")[0] or slug[:40]
    return f"{revision}_{slug}.py" if slug else f"{revision}.py"


def write_revision(
    operations: Sequence[SchemaOperation],
    *,
    message: str,
    down_revision: str | None,
    revision: str,
    line_length: int = 110,
) -> str:
    """The text of a revision that performs `operations`, and undoes them in reverse order.

    `message` is one line. The same arguments give the same bytes; the text is as `ruff format` leaves it with lines of
    `line_length` characters.
    """
    imports = Imports()
    back = [one for one in map(reverse, reversed(operations)) if one is not None]
    body = _function("upgrade", operations, imports, line_length)
    body += _function("downgrade", back, imports, line_length)
    header = HEADER.format(
        message=message.replace("\\", "/").replace('"', "'").strip(),
        revision=revision,
        parent=down_revision or "base",
        imports=_imports(body, imports.lines()),
        down_revision=string(down_revision) if down_revision else "None",
    )
    return header + body


def _function(name: str, operations: Sequence[SchemaOperation], imports: Imports, width: int) -> str:
    body = [line for one in statements(operations, imports) for line in one.lines(1, width)] or ["    pass"]
    return "\n".join(("", "", f"def {name}() -> None:", *body, ""))


def _imports(body: str, standard: Sequence[str]) -> str:
    found = [*standard, ""] if standard else []
    found += ["import sqlalchemy as sa"] if "sa." in body else []
    found += ["from alembic import op"] if "op." in body else []
    found += ["from sqlalchemy.dialects import mysql"] if ASCII_TYPE in body else []
    return "".join(f"{line}\n" for line in found)
