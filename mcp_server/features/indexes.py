"""Which indexes the table of a spec gets: those it declares, and those that its lists and foreign keys need.

A list is `WHERE owner_id = ? [AND filter] ORDER BY sort key, id LIMIT ?`, so that an index with the columns in that order
hands its rows out one by one. Rows are scoped to their owner wherever a list is; equality filters come first, because
an equality may stand anywhere and the same index then serves superusers and, for references, the deletion of the
other row.
"""

from collections.abc import Iterator
from typing import Final

from mcp_server.features.naming import constraint_name
from mcp_server.features.spec import (
    EMAIL_LENGTH,
    LABEL_LENGTH,
    NUMBER_TYPES,
    TIME_TYPES,
    URL_LENGTH,
    FeatureSpec,
    FieldSpec,
)
from mcp_server.schema.table import Index, Unique

INDEX_BYTES: Final = 2600
"""PostgreSQL stores at most 2704 bytes in an index row (a third of a page), MySQL 3072; some are for the head."""
_FIXED_BYTES: Final = 16

Columns = tuple[str, ...]


def indexes_of(spec: FeatureSpec, uniques: tuple[Unique, ...]) -> tuple[Index, ...]:
    """The declared indexes, then those that are needed beside them and beside the unique rules."""
    table = spec.names.table
    declared = list(_declared(spec))
    there = [*declared, *(unique.columns for unique in uniques)]
    needed = list(dict.fromkeys(_needed(spec)))
    missing = [columns for columns in needed if not any(serves(other, columns) for other in there)]
    useful = [
        columns
        for columns in missing
        if not any(other != columns and serves(other, columns) for other in missing)
    ]
    return tuple(
        Index(constraint_name("ix", table, *map(_plain, _named(columns))), columns)
        for columns in (*declared, *useful)
    )


def column_of(spec: FeatureSpec, name: str) -> str:
    """The column behind a name in a constraint or index."""
    if name == "owner":
        return "owner_id"
    field = spec.field(name)
    return field.column if field else name


def width_of(field: FieldSpec) -> int:
    """Most bytes that a value takes in an index; a character takes up to four, a URL is ASCII."""
    longest = {"string": field.type.max or 0, "email": EMAIL_LENGTH}.get(field.type.name, 0)
    if field.type.name == "enum":
        longest = max(map(len, field.type.values), default=LABEL_LENGTH)
    return 4 * longest or (URL_LENGTH if field.type.name == "url" else _FIXED_BYTES)


def fits(field: FieldSpec) -> bool:
    """Whether an entry has room for the field beside an owner, a time and a key; longer text is scanned for."""
    return width_of(field) + 3 * _FIXED_BYTES <= INDEX_BYTES


def _declared(spec: FeatureSpec) -> Iterator[Columns]:
    for field in spec.fields:
        if field.index and not field.unique and field.type.name != "one":
            yield (field.column,)
    for group in spec.indexes:
        yield tuple(
            ("-" if name.startswith("-") else "") + column_of(spec, name.removeprefix("-")) for name in group
        )


def _needed(spec: FeatureSpec) -> Iterator[Columns]:
    """What lists and foreign keys look up, whether or not it is there already."""
    if "list" in spec.operations:
        yield from _listed(spec)
    for field in spec.fields:
        if field.is_reference:
            yield (field.column,)
    if spec.owner is not None:
        yield ("owner_id",)


def _listed(spec: FeatureSpec) -> Iterator[Columns]:
    scope = ("owner_id",) if spec.owner is not None and spec.access_of("list") == "authenticated" else ()
    # References are filters in any case: their rows are listed below the row that they refer to.
    filters = [field for field in spec.columns if field.name in spec.filters or field.is_reference]
    ranged = [field.name for field in filters if field.type.name in (*NUMBER_TYPES, *TIME_TYPES)]
    for name in dict.fromkeys((*spec.sortable, *ranged)):
        field = spec.field(name)
        if field is None or fits(field):
            yield (*scope, column_of(spec, name), "id")
    for field in filters:
        if field.name not in ranged and not field.unique and fits(field):
            yield (field.column, *scope, "created_at", "id")


def serves(there: Columns, wanted: Columns) -> bool:
    """Whether one index does the work of another: it begins with the same columns, in whatever direction.

    The key at the end only breaks ties, so an index that ends before it will do: every database sorts the few rows of
    a tie at once.
    """
    columns = tuple(map(_plain, there))
    return columns[: len(_named(wanted))] == _named(wanted)


def _named(columns: Columns) -> Columns:
    """The columns that say what an index is for, without the key that breaks ties."""
    return columns[:-1] if columns[-1] == "id" else columns


def _plain(column: str) -> str:
    return column.removeprefix("-")
