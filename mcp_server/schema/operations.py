"""Steps that change a schema. `difference` and `features` produce them, `migrations` writes and judges them.

Each step carries what it takes away, so that `reverse` can give the step back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

from mcp_server.schema.fill import Fill
from mcp_server.schema.table import Check, Column, ForeignKey, Index, LabelCheck, Table, Unique


@dataclass(frozen=True, slots=True)
class CreateTable:
    table: Table


@dataclass(frozen=True, slots=True)
class DropTable:
    table: Table


@dataclass(frozen=True, slots=True)
class RenameTable:
    """The names of its keys and indexes follow: nothing else is different between `before` and `after`."""

    before: Table
    after: Table


@dataclass(frozen=True, slots=True)
class AddColumn:
    """The bare column: its foreign key, and the check of its labels, are steps of their own.

    `fill` gives the rows that exist a value; None leaves them null, or refuses them when the column is not null.
    """

    table: str
    column: Column
    fill: Fill | None = None


@dataclass(frozen=True, slots=True)
class DropColumn:
    """`fill` is what rows get when the step is taken back."""

    table: str
    column: Column
    fill: Fill | None = None


@dataclass(frozen=True, slots=True)
class RenameColumn:
    """`column` as it is before the step."""

    table: str
    column: Column
    name: str


@dataclass(frozen=True, slots=True)
class AlterColumn:
    """Changes type, labels or nullability of a column that keeps its name.

    `fill` replaces nulls in the direction that forbids them. `relabelled` are pairs of an enum's old and new label; of a
    JSON column, what becomes of the items of its lists.
    """

    table: str
    before: Column
    after: Column
    fill: Fill | None = None
    relabelled: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AddUnique:
    table: str
    unique: Unique


@dataclass(frozen=True, slots=True)
class DropUnique:
    table: str
    unique: Unique


@dataclass(frozen=True, slots=True)
class AddCheck:
    table: str
    check: Check | LabelCheck


@dataclass(frozen=True, slots=True)
class DropCheck:
    table: str
    check: Check | LabelCheck


@dataclass(frozen=True, slots=True)
class AddIndex:
    table: str
    index: Index


@dataclass(frozen=True, slots=True)
class DropIndex:
    table: str
    index: Index


@dataclass(frozen=True, slots=True)
class AddForeignKey:
    table: str
    column: str
    key: ForeignKey


@dataclass(frozen=True, slots=True)
class DropForeignKey:
    table: str
    column: str
    key: ForeignKey


@dataclass(frozen=True, slots=True)
class DeleteMarked:
    """Deletes the rows of `table` whose column `mark` is not null; with `referring`, rows that refer to them instead.

    `referring` leads to these rows: another table and its column with the key, a table that refers to that one, and so on.
    Nothing gives such rows back.
    """

    table: str
    mark: str
    referring: tuple[tuple[str, str], ...] = ()


SchemaOperation = (
    CreateTable
    | DropTable
    | RenameTable
    | AddColumn
    | DropColumn
    | RenameColumn
    | AlterColumn
    | AddUnique
    | DropUnique
    | AddCheck
    | DropCheck
    | AddIndex
    | DropIndex
    | AddForeignKey
    | DropForeignKey
    | DeleteMarked
)


_OPPOSITES: Mapping[type, Callable[..., SchemaOperation]] = {
    one: other
    for pair in (
        (CreateTable, DropTable),
        (AddColumn, DropColumn),
        (AddUnique, DropUnique),
        (AddCheck, DropCheck),
        (AddIndex, DropIndex),
        (AddForeignKey, DropForeignKey),
    )
    for one, other in (pair, pair[::-1])
}
"""Steps with the same fields that undo each other."""


def reverse(operation: SchemaOperation) -> SchemaOperation | None:
    """The step that undoes `operation`; None where there is none."""
    match operation:
        case RenameTable(before, after):
            return RenameTable(after, before)
        case RenameColumn(table, column, name):
            return RenameColumn(table, replace(column, name=name), column.name)
        case AlterColumn(table, before, after, fill, relabelled):
            back = {new: old for old, new in reversed(relabelled)}
            return AlterColumn(table, after, before, fill, tuple(back.items()))
        case DeleteMarked():
            return None
        case _:
            values = (getattr(operation, field.name) for field in fields(operation))
            return _OPPOSITES[type(operation)](*values)
