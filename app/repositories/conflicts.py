"""Which rule of a table a write broke, in words that are safe to show."""

from sqlalchemy import Table, UniqueConstraint
from sqlalchemy.exc import IntegrityError


def conflict_detail(error: IntegrityError, table: Table, title: str) -> str:
    """Name the columns of the unique constraint that `error` speaks of.

    PostgreSQL and MySQL report the constraint, SQLite its columns. What is neither is a reference to a row that
    another request has just deleted.
    """
    message = str(error.orig)
    for constraint in sorted(table.constraints, key=lambda each: -len(str(each.name))):
        if isinstance(constraint, UniqueConstraint):
            names = [column.name for column in constraint.columns]
            if (
                str(constraint.name) in message
                or ", ".join(f"{table.name}.{name}" for name in names) in message
            ):
                shown = [name for name in names if not name.endswith("_id")] or [
                    name.removesuffix("_id") for name in names
                ]
                return f"another {title} with this {' and '.join(shown)} exists"
    return f"a row that the {title} refers to is gone"
