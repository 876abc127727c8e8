"""The statements that every feature shares, built once per shape.

Reads select columns, not entities: nothing can load lazily, and a row costs a quarter of an entity.
"""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, ClassVar, cast

from sqlalchemy import ColumnElement, Select, Table, bindparam, func, insert, select
from sqlalchemy.orm import InstrumentedAttribute

from app.models.base import Base
from app.repositories.soft_deletion import keeps_rows

STATEMENTS_KEPT = 4096
"""Of lists: clients choose the filters, and every further filter doubles the shapes. One takes about 4 KB."""


class Statements:
    """What is asked of one table.

    A feature declares its `columns` in the order of its record's fields, its `filters` as conditions on bound
    parameters, what its lists may be sorted by, and which column names the `owner` of a row.
    """

    model: ClassVar[type[Base]]
    columns: ClassVar[tuple[Any, ...]]
    filters: ClassVar[Mapping[str, ColumnElement[bool]]] = {}
    sorts: ClassVar[Mapping[str, InstrumentedAttribute[Any]]] = {}
    owner: ClassVar[InstrumentedAttribute[int] | None] = None

    @classmethod
    def _table(cls) -> Table:
        return cast("Table", cls.model.__table__)

    @classmethod
    @cache
    def _insert_statement(cls) -> Any:
        return insert(cls._table())

    @classmethod
    @cache
    def _key_statement(cls, owned: bool, held: bool) -> Any:
        wanted = cls.model.public_id == bindparam("public_id")
        return cls._held(select(cls.model.id).where(wanted, *cls._owned(owned)), held)

    @classmethod
    @cache
    def _keys_statement(cls, owned: bool, held: bool) -> Any:
        wanted = cls.model.public_id.in_(bindparam("public_ids", expanding=True))
        found = select(cls.model.public_id, cls.model.id).where(wanted, *cls._owned(owned))
        return cls._held(found.order_by(cls.model.id), held)

    @staticmethod
    def _held(statement: Any, held: bool) -> Any:
        """Keep rows from being marked as deleted until the unit ends: no foreign key sees that, as it sees a deletion."""
        # On PostgreSQL, changes of the rows go on meanwhile.
        return statement.with_for_update(read=True, key_share=True) if held else statement

    @classmethod
    @cache
    def _get_statement(cls, owned: bool) -> Select[Any]:
        return select(*cls.columns).where(cls.model.public_id == bindparam("public_id"), *cls._owned(owned))

    @classmethod
    @lru_cache(STATEMENTS_KEPT)
    def _count_statement(cls, owned: bool, names: frozenset[str]) -> Select[Any]:
        return select(func.count()).select_from(cls.model).where(*cls._owned(owned), *cls._matching(names))

    @classmethod
    @lru_cache(STATEMENTS_KEPT)
    def _page_statement(cls, sort: str, owned: bool, names: frozenset[str]) -> Select[Any]:
        total = cls._count_statement(owned, names).correlate(None).scalar_subquery()
        rows = select(*cls.columns, total).where(*cls._owned(owned), *cls._matching(names))
        return rows.order_by(*cls._order(sort)).offset(bindparam("skip")).limit(bindparam("limit"))

    @classmethod
    def _order(cls, sort: str) -> tuple[ColumnElement[Any], ...]:
        column, key = cls.sorts[sort.removeprefix("-")], cls.model.id
        order = (column.desc(), key.desc()) if sort.startswith("-") else (column.asc(), key.asc())
        if cls._nullable(sort):  # databases differ; here null is the largest value, as in PostgreSQL
            order = (order[0].nulls_first() if sort.startswith("-") else order[0].nulls_last(), order[1])
        return order

    @classmethod
    def _nullable(cls, sort: str) -> bool:
        return bool(cls._table().c[cls.sorts[sort.removeprefix("-")].key].nullable)

    @classmethod
    def _owned(cls, owned: bool) -> tuple[ColumnElement[bool], ...]:
        """The rows that exist for a caller: one owner's or all, and none that are deleted."""
        table = cls._table()
        living = (table.c.deleted_at.is_(None),) if keeps_rows(table) else ()
        return (cls.owner == bindparam("owner_id"), *living) if owned and cls.owner is not None else living

    @classmethod
    def _matching(cls, names: Iterable[str]) -> tuple[ColumnElement[bool], ...]:
        """The conditions of a list: its filters, and equality for the keys that it stays below."""
        return tuple(
            cls.filters[name] if name in cls.filters else getattr(cls.model, name) == bindparam(name)
            for name in sorted(names)
        )
