"""Every table that the models declare, as values. In the child only: it imports the models."""

import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Table, UniqueConstraint
from sqlalchemy.orm import Mapper
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import UnaryExpression

from mcp_server.inspection.live_types import default_of, portable, type_remarks
from mcp_server.inspection.mapped import EnumClass, MappedTable, Remark
from mcp_server.schema import table as plain

_ON_DELETE: Mapping[str, plain.OnDelete] = {
    "CASCADE": "CASCADE",
    "RESTRICT": "RESTRICT",
    "SET NULL": "SET NULL",
}


def tables() -> list[dict[str, Any]]:
    """Each table with its class, by name: `mapped.MappedTable` as JSON."""
    from app.models import load_models
    from app.models.base import Base

    metadata = load_models()
    # A class that inherits and has no table of its own shares that of its parent.
    mappers = {mapper.local_table: mapper for mapper in Base.registry.mappers if not mapper.single}
    found = sorted(metadata.tables.values(), key=lambda one: one.name)
    return [asdict(_mapped(table, mappers.get(table))) for table in found]


def _mapped(table: Table, mapper: Mapper[Any] | None) -> MappedTable:
    keys: dict[str, plain.ForeignKey] = {}
    labels: dict[str, str] = {}
    uniques: list[plain.Unique] = []
    checks: list[plain.Check] = []
    remarks = [*_place_remarks(table, mapper), *_class_remarks(mapper)]
    remarks += (one for column in table.columns for one in _column_remarks(column))
    rules: list[Any] = sorted(table.constraints, key=lambda each: each._creation_order)  # noqa: SLF001 -- as declared
    for rule in rules:
        name, over = str(rule.name or ""), tuple(column.name for column in rule.columns)
        match rule:
            case ForeignKeyConstraint(elements=[element]) if over[0] not in keys:
                other, _, target = element.target_fullname.rpartition(".")
                action = _ON_DELETE.get((rule.ondelete or "").upper(), "RESTRICT")
                keys[over[0]] = plain.ForeignKey(other, target, action, name)
                remarks += _key_remarks(rule, over)
            case CheckConstraint() if rule._type_bound:  # noqa: SLF001 -- that of an enum
                labels[over[0]] = name
            case CheckConstraint():
                checks.append(plain.Check(name, _sql(rule.sqltext)))
            case UniqueConstraint() if not (rule.dialect_kwargs or rule.deferrable):
                uniques.append(plain.Unique(name, over))
            case _ if rule is not table.primary_key:
                text = f"{type(rule).__name__} over {', '.join(over)}"
                remarks.append(Remark("rule", (name,) if name else over, text))
    columns = (_column(column, keys, labels) for column in table.columns)
    indexes: list[plain.Index] = []
    for index in _in_order(table, mapper):
        if (made := _index(index)) is not None:
            indexes.append(made)
        else:
            text = "an index with an expression, a condition or options"
            remarks.append(Remark("rule", (str(index.name),), text))
    return MappedTable(
        table=plain.Table(
            table.name,
            tuple(column for column in columns if column is not None),
            tuple(uniques),
            tuple(checks),
            tuple(indexes),
            str(table.primary_key.name or ""),
        ),
        model=mapper.class_.__name__ if mapper else "",
        module=mapper.class_.__module__ if mapper else "",
        attributes=_attributes(mapper),
        defaults={column.name: found for column in table.columns if (found := default_of(column))},
        enums=dict(_enums(table)),
        items=dict(_items(table)),
        remarks=tuple(remarks),
    )


def _column(
    column: Column[Any], keys: Mapping[str, plain.ForeignKey], labels: Mapping[str, str]
) -> plain.Column | None:
    type_ = portable(column.type)
    if type_ is None or column.computed is not None or column.identity is not None:
        return None
    return plain.Column(
        column.name,
        type_,
        nullable=bool(column.nullable),
        primary_key=column.primary_key,
        foreign_key=keys.get(column.name),
        check=labels.get(column.name, ""),
    )


def _index(index: Index) -> plain.Index | None:
    """An index over columns; None for any other."""
    columns = []
    for part in index.expressions:
        descends = isinstance(part, UnaryExpression) and part.modifier is operators.desc_op
        column = part.element if isinstance(part, UnaryExpression) and descends else part
        if not isinstance(column, Column):
            return None
        columns.append(("-" if descends else "") + column.name)
    if index.dialect_kwargs:
        return None
    return plain.Index(str(index.name), tuple(columns), bool(index.unique))


def _in_order(table: Table, mapper: Mapper[Any] | None) -> list[Index]:
    """The indexes as the module of the class names them, others behind: a table itself keeps them in no order."""
    module = sys.modules.get(mapper.class_.__module__) if mapper else None
    text = inspect.getsource(module) if module else ""

    def place(index: Index) -> tuple[int, str]:
        name = str(index.name)
        return (text.find(f'"{name}"') % (len(text) + 1), name)

    return sorted(table.indexes, key=place)


def _sql(expression: Any) -> str:
    return str(expression.compile(compile_kwargs={"literal_binds": True}))


def _attributes(mapper: Mapper[Any] | None) -> dict[str, str]:
    """Column to Python attribute, where they differ."""
    pairs = ((column.name, each.key) for each in mapper.column_attrs for column in each.columns if isinstance(column, Column)) if mapper else ()  # fmt: skip
    return {name: key for name, key in pairs if name != key}


def _enums(table: Table) -> Iterator[tuple[str, EnumClass]]:
    for column in table.columns:
        found = getattr(column.type, "enum_class", None)
        if found is not None:
            yield column.name, EnumClass(found.__name__, found.__module__)


def _items(table: Table) -> Iterator[tuple[str, str]]:
    from app.models.base import ListOf

    for column in table.columns:
        if isinstance(column.type, ListOf):
            yield column.name, column.type.item.__name__


def _place_remarks(table: Table, mapper: Mapper[Any] | None) -> Iterator[Remark]:
    if table.schema:
        yield Remark("place", (), f"is in the schema {table.schema}")
    if mapper is not None and (mapper.inherits is not None or mapper.polymorphic_on is not None):
        yield Remark("place", (), "is one of several classes that inherit from each other")
    if table.dialect_kwargs:
        yield Remark("storage", (), f"has options: {', '.join(sorted(table.dialect_kwargs))}")
    if table.comment:
        yield Remark("class", (), "has a comment in the database")


def _class_remarks(mapper: Mapper[Any] | None) -> Iterator[Remark]:
    if mapper is None:
        return
    for relation in mapper.relationships:
        yield Remark("class", (relation.key,), f"is a relationship to {relation.mapper.class_.__name__}")
    for other in (*mapper.synonyms, *mapper.composites):
        yield Remark("class", (other.key,), f"is a {type(other).__name__.lower()}")
    for each in mapper.column_attrs:
        if not all(isinstance(column, Column) for column in each.columns):
            yield Remark("class", (each.key,), "is computed by an expression")


def _column_remarks(column: Column[Any]) -> Iterator[Remark]:
    names = (column.name,)
    if column.computed is not None or column.identity is not None:
        yield Remark("column", names, "is computed by the database")
        return
    if portable(column.type) is None:
        yield Remark("column", names, f"is {column.type!r}, for which there is no portable type")
    else:
        yield from type_remarks(column)
    if column.server_default is not None:
        yield Remark("storage", names, "has its default in the database; the kit sets defaults in Python")
    if (column.onupdate is not None and column.name != "updated_at") or column.server_onupdate is not None:
        yield Remark("default", names, "changes with every update")
    if column.comment:
        yield Remark("class", names, "has a comment in the database")


def _key_remarks(rule: ForeignKeyConstraint, over: tuple[str, ...]) -> Iterator[Remark]:
    if rule.ondelete is None:
        yield Remark("storage", over, "says nothing of ON DELETE, which the kit takes for restrict")
    elif rule.ondelete.upper() not in _ON_DELETE:
        yield Remark("storage", over, f"is ON DELETE {rule.ondelete}, which the kit takes for restrict")
    if rule.onupdate or rule.deferrable or rule.initially or rule.match:
        yield Remark("storage", over, "has more rules than ON DELETE")
