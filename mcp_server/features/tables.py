"""The table that a spec asks for, with every constraint named."""

from collections.abc import Iterator

from mcp_server.features.catalog import Catalog
from mcp_server.features.indexes import column_of, indexes_of
from mcp_server.features.naming import constraint_name, link_table_name, sql_name
from mcp_server.features.shared_enums import resolved
from mcp_server.features.spec import EMAIL_LENGTH, URL_LENGTH, FeatureSpec, FieldSpec
from mcp_server.features.values import number_text
from mcp_server.schema.table import (
    Check,
    Column,
    ColumnType,
    ForeignKey,
    Index,
    OnDelete,
    Table,
    TypeName,
    Unique,
)

_BOUNDS = (("ge", ">="), ("gt", ">"), ("le", "<="), ("lt", "<"))
_ON_DELETE: dict[str, OnDelete] = {"cascade": "CASCADE", "restrict": "RESTRICT", "set_null": "SET NULL"}
_STORED: dict[str, TypeName] = {
    "email": "string",
    "url": "string",
    "ref": "int",
    "one": "int",
    "list": "json",
}
_LENGTHS = {"email": EMAIL_LENGTH, "url": URL_LENGTH}


def table_of(spec: FeatureSpec, catalog: Catalog) -> Table:
    """Columns in the order of the database: keys, fields, owner, timestamps. The spec must be valid."""
    spec = resolved(spec, catalog)
    table = spec.names.table
    instant = ColumnType("datetime")
    columns = [Column("id", ColumnType("int"), primary_key=True), Column("public_id", ColumnType("uuid"))]
    columns += [_column(spec, field, catalog) for field in spec.columns]
    if spec.owner is not None:
        key = ForeignKey(
            catalog.features[spec.owner].table, "id", "CASCADE", constraint_name("fk", table, "owner_id")
        )
        columns.append(Column("owner_id", ColumnType("int"), foreign_key=key))
    columns += [Column("created_at", instant), Column("updated_at", instant)]
    if spec.soft_delete:
        columns += [Column("deleted_at", instant, nullable=True), Column("deletion_id", ColumnType("int"))]
    uniques = tuple(_uniques(spec))
    return Table(
        name=table,
        columns=tuple(columns),
        uniques=uniques,
        checks=tuple(_checks(spec)),
        indexes=indexes_of(spec, uniques),
        primary_key=constraint_name("pk", table),
    )


def tables_of(spec: FeatureSpec, catalog: Catalog) -> tuple[Table, ...]:
    """The feature's own table, and a table of links for each `many` field, in the order in which they can be created."""
    links = (link_table(spec, field, catalog) for field in spec.fields if field.is_links)
    return (table_of(spec, catalog), *links)


def link_table(spec: FeatureSpec, field: FieldSpec, catalog: Catalog) -> Table:
    """Pairs of keys: first of the feature's own row, then of the other."""
    table, target = link_table_name(spec.feature, field.name), spec.target_of(field)
    itself = target == spec.feature
    ends = {
        f"{spec.feature}_id": spec.names.table,
        f"{'linked_' if itself else ''}{target}_id": spec.names.table
        if itself
        else catalog.features[target].table,
    }
    columns = tuple(
        Column(
            name,
            ColumnType("int"),
            primary_key=True,
            foreign_key=ForeignKey(other, "id", "CASCADE", constraint_name("fk", table, name)),
        )
        for name, other in ends.items()
    )
    reverse = (columns[1].name,)
    return Table(
        name=table,
        columns=columns,
        indexes=(Index(constraint_name("ix", table, *reverse), reverse),),
        primary_key=constraint_name("pk", table),
    )


def _column(spec: FeatureSpec, field: FieldSpec, catalog: Catalog) -> Column:
    key = None
    if field.is_reference:
        target = spec.target_of(field)
        other = spec.names.table if target == spec.feature else catalog.features[target].table
        name = constraint_name("fk", spec.names.table, field.column)
        key = ForeignKey(other, "id", _ON_DELETE[field.delete_rule], name)
    check = constraint_name("ck", spec.names.table, field.name) if field.type.name == "enum" else ""
    return Column(field.column, _column_type(field), nullable=field.nullable, foreign_key=key, check=check)


def _column_type(field: FieldSpec) -> ColumnType:
    kind = field.type.name
    return ColumnType(
        stored_name(kind),
        length=_LENGTHS.get(kind, field.type.max if kind == "string" else None),
        precision=field.type.precision,
        scale=field.type.scale,
        values=field.type.values,
        ascii=kind == "url",
    )


def stored_name(kind: str) -> TypeName:
    """The type of the column for a type of fields."""
    name: TypeName = _STORED.get(kind, kind)  # type: ignore[arg-type]  # the others have the name of their column type
    return name


def _uniques(spec: FeatureSpec) -> Iterator[Unique]:
    table = spec.names.table
    yield Unique(constraint_name("uq", table, "public_id"), ("public_id",))
    single = [(field.column,) for field in spec.fields if field.unique or field.type.name == "one"]
    groups = [tuple(column_of(spec, name) for name in group) for group in spec.unique]
    for columns in (*single, *groups):
        rule = (*columns, "deletion_id") if spec.soft_delete else columns
        yield Unique(constraint_name("uq", table, *rule), rule)


def _checks(spec: FeatureSpec) -> Iterator[Check]:
    for field in spec.fields:
        for bound, sign in _BOUNDS:
            value = getattr(field, bound)
            if value is not None:
                name = constraint_name("ck", spec.names.table, field.column, bound)
                yield Check(name, f"{sql_name(field.column)} {sign} {number_text(value)}")
