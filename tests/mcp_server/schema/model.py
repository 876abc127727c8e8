"""A database as a dictionary of tables, which refuses every step that a real one would refuse."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mcp_server.schema.operations import (
    AddCheck,
    AddColumn,
    AddForeignKey,
    AddIndex,
    AddUnique,
    AlterColumn,
    CreateTable,
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
from mcp_server.schema.table import Check, Column, LabelCheck, Table


class Model:
    """`checks` of a table are all that the database has, those of enum labels included."""

    def __init__(self, tables: Iterable[Table] = ()) -> None:
        self.tables: dict[str, Table] = {}
        self.labels: dict[str, set[LabelCheck]] = {}
        for table in tables:
            self._create(table)

    def after(self, operations: Iterable[SchemaOperation]) -> "Model":
        for operation in operations:
            self._take(operation)
        return self

    def canonical(self) -> object:
        """Equal for two databases that differ in the order of things only."""
        return {
            name: (
                {replace(column, check="") for column in table.columns},
                set(table.uniques),
                set(table.checks) | self.labels[name],
                set(table.indexes),
                table.primary_key_name,
            )
            for name, table in self.tables.items()
        }

    def _create(self, table: Table) -> None:
        assert table.name not in self.tables
        self.tables[table.name] = table
        self.labels[table.name] = set(table.label_checks)

    def _take(self, operation: SchemaOperation) -> None:
        match operation:
            case CreateTable(table):
                missing = {
                    column.foreign_key.table for column in table.columns if column.foreign_key
                } - self.tables.keys()
                assert missing <= {table.name}
                self._create(table)
            case DropTable(table):
                keys = [
                    column.foreign_key.table
                    for other in self.tables.values()
                    if other.name != table.name
                    for column in other.columns
                    if column.foreign_key
                ]
                assert table.name not in keys
                del self.tables[table.name], self.labels[table.name]
            case RenameTable(before, after):
                assert self.tables.pop(before.name) == before
                del self.labels[before.name]
                self._create(after)
            case AddColumn(table_name, column):
                assert column.foreign_key is None
                assert column.name not in self._columns(table_name)
                self._set(table_name, {**self._columns(table_name), column.name: column})
            case DropColumn(table_name, column):
                self._nothing_speaks_of(table_name, column.name)
                columns = self._columns(table_name)
                assert replace(columns.pop(column.name), check="") == replace(column, check="")
                self._set(table_name, columns)
            case RenameColumn(table_name, column, name):
                self._rename(table_name, column, name)
            case AlterColumn(table_name, before, after, fill):
                columns = self._columns(table_name)
                was = columns[before.name]
                assert (was.type, was.nullable) == (before.type, before.nullable)
                assert fill is not None or after.nullable or not before.nullable
                columns[before.name] = replace(was, type=after.type, nullable=after.nullable)
                self._set(table_name, columns)
            case _:
                self._take_constraint(operation)

    def _take_constraint(self, operation: SchemaOperation) -> None:
        match operation:
            case AddForeignKey(table_name, column_name, key):
                columns = self._columns(table_name)
                assert key.table in self.tables
                assert columns[column_name].foreign_key is None
                columns[column_name] = replace(columns[column_name], foreign_key=key)
                self._set(table_name, columns)
            case DropForeignKey(table_name, column_name, key):
                columns = self._columns(table_name)
                assert columns[column_name].foreign_key == key
                columns[column_name] = replace(columns[column_name], foreign_key=None)
                self._set(table_name, columns)
            case AddUnique(table_name, unique):
                self._add(table_name, "uniques", unique, unique.columns)
            case DropUnique(table_name, unique):
                self._drop(table_name, "uniques", unique)
            case AddIndex(table_name, index):
                self._add(table_name, "indexes", index, [one.removeprefix("-") for one in index.columns])
            case DropIndex(table_name, index):
                self._drop(table_name, "indexes", index)
            case AddCheck(table_name, LabelCheck() as check):
                assert check.name not in self._names(table_name)
                assert self._columns(table_name)[check.column].type.values == check.labels
                self.labels[table_name].add(check)
            case AddCheck(table_name, Check() as check):
                words = check.sql.replace('"', " ").split()
                self._add(table_name, "checks", check, words[:1])
            case DropCheck(table_name, LabelCheck() as check):
                self.labels[table_name].remove(check)
            case DropCheck(table_name, Check() as check):
                self._drop(table_name, "checks", check)

    def _rename(self, table_name: str, column: Column, name: str) -> None:
        table = self.tables[table_name]
        columns = self._columns(table_name)
        assert name not in columns
        assert all(check.column != column.name for check in self.labels[table_name])
        assert all(f'"{column.name}"' not in check.sql for check in table.checks)
        names = {one: name if one == column.name else one for one in columns}
        names |= {f"-{one}": f"-{to}" for one, to in names.items()}
        groups: dict[str, Any] = {
            kind: tuple(
                replace(one, columns=tuple(names[part] for part in one.columns))
                for one in getattr(table, kind)
            )
            for kind in ("uniques", "indexes")
        }
        moved = tuple(replace(one, name=names[one.name]) for one in table.columns)
        self.tables[table_name] = replace(table, columns=moved, **groups)

    def _columns(self, table: str) -> dict[str, Column]:
        return {column.name: column for column in self.tables[table].columns}

    def _set(self, table: str, columns: dict[str, Column]) -> None:
        self.tables[table] = replace(self.tables[table], columns=tuple(columns.values()))

    def _names(self, table: str) -> set[str]:
        one = self.tables[table]
        items: list[Any] = [*one.uniques, *one.checks, *one.indexes, *self.labels[table]]
        return {item.name for item in items}

    def _add(self, table: str, kind: str, item: Any, columns: Iterable[str]) -> None:
        assert item.name not in self._names(table)
        assert set(columns) <= self._columns(table).keys()
        changed: dict[str, Any] = {kind: (*getattr(self.tables[table], kind), item)}
        self.tables[table] = replace(self.tables[table], **changed)

    def _drop(self, table: str, kind: str, item: Any) -> None:
        kept = list(getattr(self.tables[table], kind))
        kept.remove(item)
        changed: dict[str, Any] = {kind: tuple(kept)}
        self.tables[table] = replace(self.tables[table], **changed)

    def _nothing_speaks_of(self, table_name: str, column: str) -> None:
        table = self.tables[table_name]
        assert self._columns(table_name)[column].foreign_key is None
        groups: list[Any] = [*table.uniques, *table.indexes]
        assert all(column not in one.columns and f"-{column}" not in one.columns for one in groups)
        assert all(f'"{column}"' not in check.sql for check in table.checks)
        assert all(check.column != column for check in self.labels[table_name])
