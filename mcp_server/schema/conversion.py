"""Which changes of a column's type the rows that exist can follow, all of them or some."""

from typing import Final

from mcp_server.schema.table import TypeName

TEXTS: Final = frozenset({"string", "text"})
WHOLE: Final = frozenset({"int", "bigint"})
NUMBERS: Final = frozenset({*WHOLE, "float", "decimal"})
_LABELLED: Final = frozenset({*TEXTS, "enum"})


def converts(before: TypeName, after: TypeName) -> bool:
    """Whether a value that has a place in the other type means the same there, on every database.

    Values may be too long, too large or no label: the plan of the migration counts those. The other pairs have no one
    meaning: each database writes fractions, days and UUIDs as text in a way of its own.
    """
    return (
        before == after
        or {before, after} <= _LABELLED
        or {before, after} <= NUMBERS
        or (before in WHOLE and after in TEXTS)
        or (before in TEXTS and after in WHOLE)
    )
