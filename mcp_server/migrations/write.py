"""Schema operations to the text of a revision file. The steps come from the spec; autogenerate only cross-checks them."""

import re
from collections.abc import Iterator, Mapping, Sequence

from mcp_server.migrations.expression import Expression, call, lines, listing, string
from mcp_server.schema.operations import CreateTable, DropTable, SchemaOperation
from mcp_server.schema.table import Check, Column, ColumnType, ForeignKey, Index, Table, TypeName

HEADER = '''"""{message}

Revision ID: {revision}
Revises: {parent}
"""

import sqlalchemy as sa
from alembic import op
{imports}
revision: str = "{revision}"
down_revision: str | tuple[str, ...] | None = {down_revision}
branch_labels: str | tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None
'''

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


def file_name(revision: str, message: str) -> str:
    """`<revision>_<slug>.py`, the slug at most 40 characters."""
    slug = re.sub(r"\W+", "_", message.lower(), flags=re.ASCII).strip("_")
    if len(slug) > 40:
        slug = slug[:41].rpartition("_")[0] or slug[:40]
    return f"{revision}_{slug}.py" if slug else f"{revision}.py"


def write_revision(
    operations: Sequence[SchemaOperation],
    *,
    message: str,
    down_revision: str | None,
    revision: str,
    line_length: int = 110,
) -> str:
    """The text of a revision that performs `operations`, and undoes them in reverse order.

    `message` is one line. The same arguments give the same bytes; the text is as `ruff format` leaves it.
    """
    upgrade = [statement for operation in operations for statement in _forward(operation)]
    downgrade = [statement for operation in reversed(operations) for statement in _backward(operation)]
    body = _function("upgrade", upgrade, line_length) + _function("downgrade", downgrade, line_length)
    header = HEADER.format(
        message=message.replace("\\", "/").replace('"', "'").strip(),
        revision=revision,
        parent=down_revision or "base",
        down_revision=string(down_revision) if down_revision else "None",
        imports="from sqlalchemy.dialects import mysql\n" if ASCII_TYPE in body else "",
    )
    return header + body


def _function(name: str, statements: Sequence[Expression], width: int) -> str:
    body = [line for statement in statements for line in lines(statement, 1, width)] or ["    pass"]
    return "\n".join(("", "", f"def {name}() -> None:", *body, ""))


def _forward(operation: SchemaOperation) -> Iterator[Expression]:
    match operation:
        case CreateTable(table):
            yield from _create(table)
        case DropTable(table):
            yield call("op.drop_table", string(table.name))


def _backward(operation: SchemaOperation) -> Iterator[Expression]:
    match operation:
        case CreateTable(table):
            yield from _forward(DropTable(table))
        case DropTable(table):
            yield from _forward(CreateTable(table))


def _create(table: Table) -> Iterator[Expression]:
    named_checks = {check.name for check in table.checks}
    enums = (_enum_check(table, column) for column in table.columns if column.type.name == "enum")
    keys = [string(column.name) for column in table.columns if column.primary_key]
    elements: list[Expression] = [string(table.name)]
    elements += map(_column, table.columns)
    elements += (check for name, check in enums if name not in named_checks)
    elements += map(_check, table.checks)
    elements += (
        _foreign_key(column.name, column.foreign_key) for column in table.columns if column.foreign_key
    )
    if keys:
        elements.append(
            call("sa.PrimaryKeyConstraint", *keys, _name(table.primary_key or f"pk_{table.name}"))
        )
    elements += (
        call("sa.UniqueConstraint", *map(string, one.columns), _name(one.name)) for one in table.uniques
    )
    yield call("op.create_table", *elements, spread=True)
    for index in table.indexes:
        yield _index(table, index)


def _column(column: Column) -> Expression:
    return call("sa.Column", string(column.name), _type(column.type), f"nullable={column.nullable}")


def _type(type_: ColumnType) -> Expression:
    match type_.name:
        case "string" if type_.ascii:
            varchar = call(ASCII_TYPE, f"length={type_.length}", 'charset="ascii"', 'collation="ascii_bin"')
            return call(f"sa.String(length={type_.length}).with_variant", varchar, '"mysql"', '"mariadb"')
        case "string":
            return call("sa.String", f"length={type_.length}")
        case "enum":
            length = type_.length or max(map(len, type_.values))
            return call("sa.String", f"length={length}")
        case "decimal":
            return call("sa.Numeric", f"precision={type_.precision}", f"scale={type_.scale}")
        case "datetime":
            return call("sa.DateTime", "timezone=True")
        case plain:
            return call(PLAIN_TYPES[plain])


def _enum_check(table: Table, column: Column) -> tuple[str, Expression]:
    """The CHECK that SQLAlchemy itself makes for a model's non-native enum, under the same name."""
    name = column.check or f"ck_{table.name}_{column.name}"
    labels = listing(tuple(map(string, column.type.values)))
    return name, call(
        "sa.CheckConstraint", call(f"sa.column({string(column.name)}).in_", labels), _name(name)
    )


def _check(check: Check) -> Expression:
    # A colon before a word would be taken for a bound parameter.
    sql = re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", check.sql)
    return call("sa.CheckConstraint", string(sql), _name(check.name))


def _foreign_key(column: str, key: ForeignKey) -> Expression:
    return call(
        "sa.ForeignKeyConstraint",
        listing((string(column),)),
        listing((string(f"{key.table}.{key.column}"),)),
        _name(key.name),
        f"ondelete={string(key.on_delete)}",
    )


def _index(table: Table, index: Index) -> Expression:
    columns = [
        f"sa.column({string(column[1:])}).desc()" if column.startswith("-") else string(column)
        for column in index.columns
    ]
    return call(
        "op.create_index", _f(index.name), string(table.name), listing(columns), f"unique={index.unique}"
    )


def _name(name: str) -> str:
    return f"name={_f(name)}"


def _f(name: str) -> str:
    """`op.f` marks a name as final: the naming convention is not applied to it again."""
    return f"op.f({string(name)})"
