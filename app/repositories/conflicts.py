"""Which rule of a table a write broke, in words that are safe to show."""

from sqlalchemy import CheckConstraint, Table, UniqueConstraint
from sqlalchemy.exc import IntegrityError

from app.core import mysql

_DUPLICATE_ENTRY = 1062
"""MySQL's number for a value that is there already."""


def conflict_detail(error: IntegrityError, table: Table, title: str) -> str:
    """Name the columns of the unique constraint that `error` speaks of.

    PostgreSQL and MySQL report the constraint, SQLite its columns. What is neither a constraint of the table's own is a
    reference to a row that another request has just deleted.
    """
    message = _without_values(error.orig)
    for constraint in sorted(table.constraints, key=lambda each: -len(str(each.name))):
        if isinstance(constraint, CheckConstraint) and str(constraint.name) in message:
            return f"the {title} holds a value that its rules do not allow"
        if isinstance(constraint, UniqueConstraint):
            names = [column.name for column in constraint.columns]
            about = [name for name in names if name != "deletion_id"]
            if (
                str(constraint.name) in message
                or ", ".join(f"{table.name}.{name}" for name in names) in message
            ):
                shown = [name for name in about if not name.endswith("_id")] or [
                    name.removesuffix("_id") for name in about
                ]
                return f"another {title} with this {' and '.join(shown)} exists"
    return f"a row that the {title} refers to is gone"


def deletion_detail(error: Exception, title: str) -> str:
    """Why a row cannot be deleted."""
    if isinstance(error, IntegrityError) and mysql.cascades_too_deep(error.orig):
        return f"more levels of rows depend on the {title} than the database deletes at once: delete the lowest first"
    return f"the {title} is still in use"


def _without_values(error: BaseException | None) -> str:
    """What the driver says, less the values of the row, which may look like anything.

    PostgreSQL tells them on lines of their own, MySQL before the name of the constraint.
    """
    message = str(error).partition("\n")[0]
    duplicate = error is not None and error.args[:1] == (_DUPLICATE_ENTRY,)
    return message.rpartition(" for key ")[2] if duplicate else message
