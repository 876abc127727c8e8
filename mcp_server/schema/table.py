"""A database table as data: what a spec asks for, what models declare and what a database has."""

from dataclasses import dataclass
from typing import Literal

TypeName = Literal[
    "string", "text", "int", "bigint", "float", "decimal", "bool", "date", "datetime", "time", "uuid", "json", "bytes",
    "enum",
]  # fmt: skip
OnDelete = Literal["CASCADE", "RESTRICT", "SET NULL"]


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A portable type. `length` in characters; `values` are the labels of an enum, in order.

    `ascii` text takes a byte for each character on MySQL, so that long ones can be indexed there.
    """

    name: TypeName
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    values: tuple[str, ...] = ()
    ascii: bool = False


@dataclass(frozen=True, slots=True)
class ForeignKey:
    table: str
    column: str
    on_delete: OnDelete
    name: str


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: ColumnType
    nullable: bool = False
    primary_key: bool = False
    foreign_key: ForeignKey | None = None
    check: str = ""
    """Name of the CHECK that holds an enum to its labels; empty: `ck_<table>_<column>`."""


@dataclass(frozen=True, slots=True)
class Unique:
    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """`sql` is the portable condition, for example `price >= 0`."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class LabelCheck:
    """The CHECK that holds an enum column to its labels."""

    name: str
    column: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """`columns` in order; a leading minus means descending."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    uniques: tuple[Unique, ...] = ()
    checks: tuple[Check, ...] = ()
    indexes: tuple[Index, ...] = ()
    primary_key: str = ""
    """Name of the primary key constraint."""

    @property
    def primary_key_name(self) -> str:
        return self.primary_key or f"pk_{self.name}"

    @property
    def label_checks(self) -> tuple[LabelCheck, ...]:
        """The CHECKs that SQLAlchemy itself makes for the enums of a model, less those that `checks` spells out."""
        spelled = {check.name for check in self.checks}
        named = (
            (column.check or f"ck_{self.name}_{column.name}", column)
            for column in self.columns
            if column.type.name == "enum"
        )
        return tuple(
            LabelCheck(name, column.name, column.type.values) for name, column in named if name not in spelled
        )
