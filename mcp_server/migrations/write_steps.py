"""Schema operations as the statements of a revision, the same for SQLite, PostgreSQL and MySQL.

What SQLite can only do by copying the table goes into batch blocks, as many changes into one as possible; on the other
databases these are plain ALTERs. New columns are added outside, where SQLite copies nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from mcp_server.migrations import write_tables as tables
from mcp_server.migrations.expression import Expression, Statement, call, listing, string
from mcp_server.migrations.write_rows import Imports, RowChange, delete_marked, update_rows
from mcp_server.schema.conversion import NUMBERS
from mcp_server.schema.fill import Constant
from mcp_server.schema.operations import (
    AddCheck,
    AddColumn,
    AddForeignKey,
    AddIndex,
    AddUnique,
    AlterColumn,
    CreateTable,
    DeleteMarked,
    DropCheck,
    DropColumn,
    DropForeignKey,
    DropIndex,
    DropTable,
    DropUnique,
    RenameColumn,
    RenameTable,
    SchemaOperation,
)
from mcp_server.schema.table import Column, ColumnType, ForeignKey, Table

_TEXTS = frozenset({"string", "text", "enum"})
_CASTS = {
    "string": "varchar", "text": "text", "enum": "varchar", "int": "integer", "bigint": "bigint", "float": "double precision",
    "decimal": "numeric", "bool": "boolean", "date": "date", "datetime": "timestamptz", "time": "time", "uuid": "uuid",
    "json": "json", "bytes": "bytea",
}  # fmt: skip
"""Types as PostgreSQL casts to them."""


@dataclass(frozen=True, slots=True)
class Plain:
    expression: Expression


@dataclass(frozen=True, slots=True)
class InBatch:
    table: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Rows:
    table: str
    change: RowChange


Piece = Plain | InBatch | Rows
Phased = tuple[int, Piece]
"""Before the rows change, their change, after it."""


def statements(operations: Sequence[SchemaOperation], imports: Imports) -> Iterator[Statement]:
    """In the order of the operations; changes of neighbouring columns of a table are done together."""
    pieces: list[Piece] = []
    for table, run in groupby(operations, _table_of_columns):
        phased = [piece for operation in run for piece in _pieces(operation)]
        pieces += (piece for _, piece in (sorted(phased, key=lambda one: one[0]) if table else phased))
    for (kind, table), group in groupby(pieces, lambda one: (type(one), getattr(one, "table", ""))):
        found = list(group)
        if kind is Plain:
            yield from (Statement(one.expression) for one in found if isinstance(one, Plain))
        elif kind is Rows:
            changes = [one.change for one in found if isinstance(one, Rows)]
            yield from update_rows(table, changes, imports)
        else:
            body = tuple(Statement(one.expression) for one in found if isinstance(one, InBatch))
            yield Statement(call("op.batch_alter_table", string(table)), "with ", " as batch:", body)


def _table_of_columns(operation: SchemaOperation) -> str:
    """The table whose columns are added or altered; empty for other steps, which keep their place."""
    return operation.table if isinstance(operation, AddColumn | AlterColumn) else ""


def _pieces(operation: SchemaOperation) -> Iterator[Phased]:
    match operation:
        case AddColumn():
            yield from _add_column(operation)
        case AlterColumn():
            yield from _alter_column(operation)
        case DeleteMarked():
            yield 0, Plain(delete_marked(operation))
        case CreateTable(table):
            yield from ((0, Plain(one)) for one in tables.create_table(table))
        case DropTable(table):
            yield 0, Plain(call("op.drop_table", string(table.name)))
        case RenameTable(before, after):
            yield from ((0, piece) for piece in _rename_table(before, after))
        case RenameColumn(table_name, column, name):
            known = (
                tables.type_of(column.type, "existing_type="),
                f"existing_nullable={column.nullable}",
            )
            new = f"new_column_name={string(name)}"
            yield 0, Plain(call("op.alter_column", string(table_name), string(column.name), new, *known))
        case AddIndex(table_name, index):
            yield 0, Plain(tables.create_index(table_name, index))
        case DropIndex(table_name, index):
            drop = call("op.drop_index", tables.final(index.name), f"table_name={string(table_name)}")
            yield 0, Plain(drop)
        case _:
            yield 0, InBatch(operation.table, _constraint(operation))


def _rename_table(before: Table, after: Table) -> Iterator[Piece]:
    """MySQL drops an index that a foreign key needs only when there is another."""
    yield Plain(call("op.rename_table", string(before.name), string(after.name)))
    yield from (Plain(tables.create_index(after.name, one)) for one in after.indexes)
    keys = listing([string(one.name) for one in after.columns if one.primary_key])
    changes = [
        *(_constraint(DropForeignKey(after.name, one.name, key)) for one, key in _keys(before)),
        _drop_constraint(before.primary_key_name, "primary"),
        call("batch.create_primary_key", tables.final(after.primary_key_name), keys),
        *(_constraint(AddForeignKey(after.name, one.name, key)) for one, key in _keys(after)),
    ]
    yield from (InBatch(after.name, one) for one in changes)
    for index in before.indexes:
        yield from (piece for _, piece in _pieces(DropIndex(after.name, index)))


def _keys(table: Table) -> list[tuple[Column, ForeignKey]]:
    return [(one, one.foreign_key) for one in table.columns if one.foreign_key]


def _constraint(
    operation: AddUnique | DropUnique | AddCheck | DropCheck | AddForeignKey | DropForeignKey | DropColumn,
) -> Expression:
    match operation:
        case AddUnique(_, unique):
            columns = listing([string(one) for one in unique.columns])
            return call("batch.create_unique_constraint", tables.final(unique.name), columns)
        case AddCheck(_, check):
            condition = tables.condition(check)
            return call("batch.create_check_constraint", tables.final(check.name), condition)
        case AddForeignKey(_, column_name, key):
            return call(
                "batch.create_foreign_key",
                tables.final(key.name),
                string(key.table),
                listing([string(column_name)]),
                listing([string(key.column)]),
                f"ondelete={string(key.on_delete)}",
            )
        case DropUnique(_, unique):
            return _drop_constraint(unique.name, "unique")
        case DropCheck(_, check):
            return _drop_constraint(check.name, "check")
        case DropForeignKey(_, _, key):
            return _drop_constraint(key.name, "foreignkey")
        case DropColumn(_, column):
            return call("batch.drop_column", string(column.name))


def _drop_constraint(name: str, kind: str) -> Expression:
    return call("batch.drop_constraint", tables.final(name), f"type_={string(kind)}")


def _add_column(operation: AddColumn) -> Iterator[Phased]:
    """Existing rows get a constant from a default that is dropped again: PostgreSQL and MySQL then rewrite nothing."""
    table, column, fill = operation.table, operation.column, operation.fill
    if column.nullable or fill is None:
        yield 0, Plain(call("op.add_column", string(table), tables.column(column)))
        return
    default = _default(column.type, fill.value) if isinstance(fill, Constant) else ""
    known = tables.type_of(column.type, "existing_type=")
    if default:
        with_default = tables.column(column, f"server_default={default}")
        yield 0, Plain(call("op.add_column", string(table), with_default))
        end: Expression = "server_default=None"
    else:
        yield 0, Plain(call("op.add_column", string(table), tables.column(column, nullable=True)))
        yield 1, Rows(table, RowChange(column, fill, fresh=True))
        end = "nullable=False"
    yield 2, InBatch(table, call("batch.alter_column", string(column.name), known, end))


def _default(type_: ColumnType, value: object) -> str:
    """A default that each database takes; empty where they differ (MySQL has none for texts and JSON)."""
    match type_.name, value:
        case "string" | "enum", str():
            return string(value)
        case "bool", bool():
            return f"sa.{str(value).lower()}()"
        case "int" | "bigint" | "float" | "decimal", int() | float() | Decimal():
            return string(str(value))
        case _:
            return ""


def _alter_column(operation: AlterColumn) -> Iterator[Phased]:
    table, before, after = operation.table, operation.before, operation.after
    fill = operation.fill if before.nullable and not after.nullable else None
    moves = fill is not None or bool(operation.relabelled)
    known = tables.type_of(before.type, "existing_type=")
    nullable = f"existing_nullable={before.nullable}"
    first: list[Expression] = []
    last: list[Expression] = []
    if _type_differs(before, after):
        change: list[Expression] = [tables.type_of(after.type, "type_=")]
        if not _casts_itself(before.type, after.type):
            cast = string(f'"{after.name}"::{_CASTS[after.type.name]}')
            change.append(f"postgresql_using={cast}")
        (last if not moves or _is_narrower(after.type, before.type) else first).extend(change)
    if before.nullable != after.nullable:
        last.append(f"nullable={after.nullable}")
    if first:
        yield 0, _alter(table, after, known, *first, nullable)
        known = tables.type_of(after.type, "existing_type=")
    if moves:
        yield 1, Rows(table, RowChange(after, fill, relabelled=operation.relabelled))
    if last:
        same = [nullable] if before.nullable == after.nullable else []
        yield 2, _alter(table, after, known, *last, *same)


def _alter(table: str, column: Column, *changes: Expression) -> InBatch:
    return InBatch(table, call("batch.alter_column", string(column.name), *changes))


def _type_differs(before: Column, after: Column) -> bool:
    """Whether the database notices: the labels of an enum are in its CHECK."""
    return tables.type_of(before.type) != tables.type_of(after.type)


def _is_narrower(one: ColumnType, other: ColumnType) -> bool:
    if one.name not in _TEXTS or other.name not in _TEXTS:
        return False
    length, others = tables.text_length(one), tables.text_length(other)
    return length is not None and (others is None or length < others)


def _casts_itself(before: ColumnType, after: ColumnType) -> bool:
    """Whether PostgreSQL finds the cast by itself."""
    return before.name == after.name or after.name in _TEXTS or {before.name, after.name} <= NUMBERS
