"""What a spec does not say of a feature that was written by hand, or says otherwise than it is. A code keeps its meaning."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from mcp_server.inspection.mapped import Kind, Remark
from mcp_server.schema.difference import steps
from mcp_server.schema.operations import (
    AddCheck,
    AddColumn,
    AddForeignKey,
    AddIndex,
    AddUnique,
    AlterColumn,
    DropCheck,
    DropColumn,
    DropForeignKey,
    DropIndex,
    DropUnique,
    SchemaOperation,
)
from mcp_server.schema.table import Column, Table

CODES: Final = {
    "TRC010": "a column that everything of the kit counts on is missing, or is another",
    "TRC011": "feature, table, class or file are called in a way that the kit cannot work with",
    "TRC012": "the table is not one of its own, or belongs to the service itself",
    "TRC020": "a column whose type or name the language does not have",
    "TRC021": "a foreign key, or a table of links, of another shape",
    "TRC022": "a constraint or index of another shape",
    "TRC023": "a default that is no fixed value",
    "TRC024": "something that only the class or the API has",
    "TRC030": "the kit would name or make a part of the table otherwise",
    "TRC031": "in the spec, and stored or checked a little differently",
    "TRC040": "assumed, for no file tells it",
}
HINTS: Final = {
    "TRC010": "Give the table the columns of app/models/base.py first: the kit can extend it then",
    "TRC011": "Rename or move it, and the kit can extend it",
    "TRC012": "Change it by hand",
    "TRC02": "It is not in the spec; extending leaves it as it is",
    "TRC03": "Extending leaves it as it is, unless it changes this very part",
    "TRC04": "Correct the spec where this is not so",
}
"""By code, or by its beginning."""

_KINDS: Final[dict[Kind, str]] = {
    "column": "TRC020",
    "rule": "TRC022",
    "default": "TRC023",
    "class": "TRC024",
    "storage": "TRC031",
    "place": "TRC012",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """`names`: the columns, attribute or constraint that it is about; nothing for the feature as a whole."""

    code: str
    names: tuple[str, ...]
    reason: str

    @property
    def hinders(self) -> bool:
        """Whether the kit cannot extend the feature while it is so."""
        return self.code.startswith("TRC01")

    @property
    def hint(self) -> str:
        return HINTS.get(self.code) or HINTS[self.code[:5]]


def of_remark(remark: Remark) -> Gap:
    return Gap(_KINDS[remark.kind], remark.names, remark.text)


def of_differences(table: Table, wanted: Table, told: Iterable[str]) -> Iterator[Gap]:
    """What differs between a table and the one that its spec gives, without the columns and rules that were told of."""
    left_out = frozenset(told)
    before = _without(replace(table, primary_key=wanted.primary_key), left_out)
    after = _without(wanted, left_out)
    keys = {column.name for column in after.columns if column.primary_key}
    columns = [replace(column, primary_key=column.name in keys) for column in before.columns]
    for step in steps(replace(before, columns=tuple(columns)), after):
        names, reason = _told(step)
        yield Gap("TRC030", names, reason)


def _without(table: Table, names: frozenset[str]) -> Table:
    return replace(
        table,
        columns=tuple(one for one in table.columns if one.name not in names),
        uniques=tuple(one for one in table.uniques if not names & {one.name, *one.columns}),
        checks=tuple(one for one in table.checks if not names & {one.name, one.sql}),
        indexes=tuple(
            one
            for one in table.indexes
            if not names & {one.name, *(name.lstrip("-") for name in one.columns)}
        ),
    )


def _told(step: SchemaOperation) -> tuple[tuple[str, ...], str]:
    """Names, and what the kit would do about them."""
    match step:
        case AddColumn(_, column):
            return (column.name,), f"the kit's table has a column {column.name}"
        case DropColumn(_, column):
            return (column.name,), f"the kit's table has no column {column.name}"
        case AlterColumn(_, before, after):
            return (after.name,), f"is {_shown(before)}, the kit's is {_shown(after)}"
        case AddUnique(_, unique):
            return (
                unique.columns,
                f"the kit's table has the unique rule {unique.name} over {', '.join(unique.columns)}",
            )
        case DropUnique(_, unique):
            return (unique.name,), f"the kit's table has no unique rule {unique.name}"
        case AddCheck(_, check):
            return (check.name,), f"the kit's table has the CHECK {check.name}"
        case DropCheck(_, check):
            return (check.name,), f"the kit's table has no CHECK {check.name}"
        case AddIndex(_, index):
            return (
                index.columns,
                f"the kit's table has the index {index.name} over {', '.join(index.columns)}",
            )
        case DropIndex(_, index):
            return (index.name,), f"the kit's table has no index {index.name}"
        case AddForeignKey(_, name, key):
            return (name,), f"the kit's foreign key is {key.name}, {key.on_delete.lower()}"
        case DropForeignKey(_, name, key):
            return (name,), f"its foreign key is {key.name}, {key.on_delete.lower()}"
        case _:
            return (), f"{type(step).__name__}"


def _shown(column: Column) -> str:
    type_ = column.type
    size = type_.length or (type_.precision and f"{type_.precision},{type_.scale}")
    return f"{type_.name}{f'({size})' if size else ''}{' or null' if column.nullable else ''}"
