"""The constraints and indexes of a table that stand beside its columns, as lines of a model."""

from collections.abc import Iterator, Mapping

from mcp_server.features import code
from mcp_server.features.field_view import usual_name
from mcp_server.schema.table import Index, Table

Attributes = Mapping[str, str]
"""Column to its Python name, where it has a field."""


def constraint_lines(table: Table, attributes: Attributes) -> Iterator[str]:
    """What no column declares: groups, CHECKs, and what is not called as the naming convention would call it."""
    for unique in table.uniques:
        usual = usual_name(unique.name, "uq", table, *unique.columns)
        if unique.columns == ("public_id",) or (len(unique.columns) == 1 and usual):
            continue
        named = "" if usual else f", name={code.literal(unique.name)}"
        yield f"UniqueConstraint({_names(unique.columns, attributes)}{named})"
    for check in table.checks:
        yield f"CheckConstraint({code.literal(check.sql)}, name={code.check_name(table.name, check.name)})"
    for index in table.indexes:
        usual = usual_name(index.name, "ix", table, *index.columns)
        if not _is_directed(index) and not (len(index.columns) == 1 and usual):
            yield f"Index({code.literal(index.name)}, {_names(index.columns, attributes)})"


def directed_index_lines(table: Table, attributes: Attributes, model: str) -> Iterator[str]:
    """The indexes that have a direction; they speak of the columns of the class."""

    def column(name: str) -> str:
        plain = name.removeprefix("-")
        return f"{model}.{attributes.get(plain, plain)}{'.desc()' if plain != name else ''}"

    for index in filter(_is_directed, table.indexes):
        yield f"Index({code.literal(index.name)}, {', '.join(map(column, index.columns))})"


def _names(columns: tuple[str, ...], attributes: Attributes) -> str:
    return ", ".join(code.literal(attributes.get(name, name)) for name in columns)


def _is_directed(index: Index) -> bool:
    return any(name.startswith("-") for name in index.columns)
