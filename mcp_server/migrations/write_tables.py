"""Tables, columns and constraints as the expressions of a revision."""

import re
from collections.abc import Iterator, Mapping

from mcp_server.migrations.expression import Expression, Group, call, listing, string
from mcp_server.schema.table import Check, Column, ColumnType, ForeignKey, Index, LabelCheck, Table, TypeName

PLAIN_TYPES: Mapping[TypeName, str] = {
    "text": "sa.Text",
    "int": "sa.Integer",
    "bigint": "sa.BigInteger",
    "float": "sa.Double",
    "bool": "sa.Boolean",
    "date": "sa.Date",
    "time": "sa.Time",
    "uuid": "sa.Uuid",
    "json": "sa.JSON",
    "bytes": "sa.LargeBinary",
}

ASCII_TYPE = "mysql.VARCHAR"


def create_table(table: Table) -> Iterator[Expression]:
    """The table with its constraints, then its indexes."""
    keys = [string(column.name) for column in table.columns if column.primary_key]
    checks: list[Check | LabelCheck] = [*table.label_checks, *table.checks]
    elements: list[Expression] = [string(table.name)]
    elements += map(column, table.columns)
    elements += (call("sa.CheckConstraint", condition(one), f"name={final(one.name)}") for one in checks)
    elements += (_foreign_key(one.name, one.foreign_key) for one in table.columns if one.foreign_key)
    if keys:
        elements.append(call("sa.PrimaryKeyConstraint", *keys, f"name={final(table.primary_key_name)}"))
    elements += (
        call("sa.UniqueConstraint", *map(string, one.columns), f"name={final(one.name)}")
        for one in table.uniques
    )
    yield call("op.create_table", *elements, spread=True)
    for index in table.indexes:
        yield create_index(table.name, index)


def column(one: Column, *more: Expression, nullable: bool | None = None) -> Expression:
    """The bare column; `nullable` overrides its own."""
    allowed = one.nullable if nullable is None else nullable
    return call("sa.Column", string(one.name), type_of(one.type), *more, f"nullable={allowed}")


def type_of(type_: ColumnType, before: str = "") -> Group:
    """The type, `before` in front of it (`type_=`)."""
    match type_.name:
        case "string" if type_.ascii:
            varchar = call(ASCII_TYPE, f"length={type_.length}", 'charset="ascii"', 'collation="ascii_bin"')
            plain = f"{before}sa.String(length={type_.length})"
            return call(f"{plain}.with_variant", varchar, '"mysql"', '"mariadb"')
        case "string" | "enum":
            return call(f"{before}sa.String", f"length={text_length(type_)}")
        case "decimal":
            return call(f"{before}sa.Numeric", f"precision={type_.precision}", f"scale={type_.scale}")
        case "datetime":
            return call(f"{before}sa.DateTime", "timezone=True")
        case other:
            return call(before + PLAIN_TYPES[other])


def text_length(type_: ColumnType) -> int | None:
    """Characters that a string or an enum has room for; None for any number, or another type."""
    return type_.length or max(map(len, type_.values), default=None)


def condition(check: Check | LabelCheck) -> Expression:
    """What the CHECK demands; of an enum in the words in which SQLAlchemy itself makes it for a model."""
    if isinstance(check, LabelCheck):
        labels = listing(tuple(map(string, check.labels)))
        return call(f"sa.column({string(check.column)}).in_", labels)
    # A colon before a word would be taken for a bound parameter.
    return string(re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", check.sql))


def create_index(table: str, index: Index) -> Expression:
    columns = [
        f"sa.column({string(one[1:])}).desc()" if one.startswith("-") else string(one)
        for one in index.columns
    ]
    return call(
        "op.create_index", final(index.name), string(table), listing(columns), f"unique={index.unique}"
    )


def final(name: str) -> str:
    """`op.f` marks a name as final: the naming convention is not applied to it again."""
    return f"op.f({string(name)})"


def _foreign_key(name: str, key: ForeignKey) -> Expression:
    return call(
        "sa.ForeignKeyConstraint",
        listing((string(name),)),
        listing((string(f"{key.table}.{key.column}"),)),
        f"name={final(key.name)}",
        f"ondelete={string(key.on_delete)}",
    )
