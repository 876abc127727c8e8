"""The queries that every feature shares, over statements that are built once per shape.

Reads select columns, not entities: nothing can load lazily, and a row costs a quarter of an entity.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from math import ceil
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, QueryableAttribute, aliased

from app.core.database import utc_now
from app.core.errors import Conflict, Invalid, NotFound
from app.models.base import Base
from app.repositories.conflicts import conflict_detail
from app.repositories.links import Keys, Links, linked, read_links, write_links
from app.repositories.soft_deletion import StillInUse, keeps_rows, mark_deleted


class Record(Protocol):
    """What all records have in common: a row as it leaves its repository."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> int: ...
    @property
    def public_id(self) -> UUID: ...


RecordT = TypeVar("RecordT", bound=Record)
KEYS_AT_ONCE = 10_000
"""Databases take some 32,000 parameters in one statement."""
STATEMENTS_KEPT = 4096
"""Of lists: clients choose the filters, and every further filter doubles the shapes. One takes about 4 KB."""
ESCAPE = "/"


@dataclass(frozen=True, slots=True)
class Page(Generic[RecordT]):
    """One page of records; `page` counts from 1."""

    items: list[RecordT]
    total: int
    page: int
    size: int
    pages: int


class Asked(Protocol):
    """A query that knows which of its parameters were sent."""

    @property
    def model_fields_set(self) -> set[str]: ...


class PageQuery(Asked, Protocol):
    """What a list is asked for; see `app.schemas.base.ListQuery`."""

    skip: int
    limit: int
    sort: Any


_PAGING = {"skip", "limit", "sort"}


class Repository(Generic[RecordT]):
    """The rows of one table.

    A feature declares its `columns` in the order of its record's fields, its `filters` as conditions on bound
    parameters, and what its lists may be sorted by. Methods take the owner's internal key to stay within the rows
    of one owner, or None for all rows.
    """

    title: ClassVar[str]
    model: ClassVar[type[Base]]
    record: ClassVar[type[Any]]
    columns: ClassVar[tuple[Any, ...]]
    filters: ClassVar[Mapping[str, ColumnElement[bool]]] = {}
    sorts: ClassVar[Mapping[str, InstrumentedAttribute[Any]]] = {}
    links: ClassVar[tuple[Links, ...]] = ()
    owner: ClassVar[InstrumentedAttribute[int] | None] = None
    secrets: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self._keys: dict[UUID, int] = {}

    async def get(self, public_id: UUID, *, owner_id: int | None = None) -> RecordT:
        """The row, or NotFound."""
        statement = self._get_statement(owner_id is not None)
        row = (await self.session.execute(statement, {"public_id": public_id, "owner_id": owner_id})).first()
        if row is None:
            raise NotFound(self.title)
        record: RecordT = self.record(*row)
        if self.links:
            await read_links(self.session, self.links, [record])
        return record

    async def page(self, query: PageQuery, *, owner_id: int | None = None, **keys: int) -> Page[RecordT]:
        """One page and the number of all rows that match. `keys` are internal keys that the rows must refer to."""
        values = self._values(query, _PAGING) | keys
        owned, names = owner_id is not None, frozenset(values)
        values.update(skip=query.skip, limit=query.limit, owner_id=owner_id)
        rows = (await self.session.execute(self._page_statement(query.sort, owned, names), values)).all()
        if rows or not query.skip:
            total = rows[0][-1] if rows else 0
        else:  # past the end no row carries the total
            total = (await self.session.execute(self._count_statement(owned, names), values)).scalar_one()
        items = [self.record(*row[:-1]) for row in rows]
        if self.links:
            await read_links(self.session, self.links, items)
        return Page(
            items=items,
            total=total,
            page=query.skip // query.limit + 1,
            size=query.limit,
            pages=ceil(total / query.limit),
        )

    async def reach(self, public_id: UUID, *, owner_id: int | None = None) -> int:
        """The internal key of a row that a path leads through, or NotFound."""
        key = await self._find(public_id, owner_id)
        if key is None:
            raise NotFound(self.title)
        return key

    async def key(
        self, public_id: UUID | None, *location: str | int, owner_id: int | None = None
    ) -> int | None:
        """The internal key behind a reference in a body; Invalid at `location` if there is no such row."""
        if public_id is None:
            return None
        key = await self._find(public_id, owner_id)
        if key is None:
            raise Invalid(f"no such {self.title}", *location)
        return key

    async def _find(self, public_id: UUID, owner_id: int | None) -> int | None:
        """The internal key of a row, remembered for the rest of the unit."""
        if public_id not in self._keys:
            values = {"public_id": public_id, "owner_id": owner_id}
            key = (await self.session.execute(self._key_statement(owner_id is not None), values)).scalar()
            if key is None:
                return None
            self._keys[public_id] = key
        return self._keys[public_id]

    async def learn_keys(self, public_ids: Iterable[UUID | None], *, owner_id: int | None = None) -> None:
        """Ask once for the keys behind many references, so that `key` has them at hand."""
        wanted = sorted({each for each in public_ids if each is not None} - self._keys.keys())
        statement = self._keys_statement(owner_id is not None)
        for start in range(0, len(wanted), KEYS_AT_ONCE):
            values = {"public_ids": wanted[start : start + KEYS_AT_ONCE], "owner_id": owner_id}
            rows = await self.session.execute(statement, values)
            self._keys.update((public_id, key) for public_id, key in rows)

    async def keys(
        self, public_ids: Sequence[UUID], *location: str | int, owner_id: int | None = None
    ) -> list[int]:
        """The internal keys behind a list of links in a body; Invalid at the first that leads to no row."""
        await self.learn_keys(public_ids, owner_id=owner_id)
        for index, public_id in enumerate(public_ids):
            if public_id not in self._keys:
                raise Invalid(f"no such {self.title}", *location, index)
        return [self._keys[public_id] for public_id in public_ids]

    async def add(self, values: Mapping[str, Any], **keys: Any) -> RecordT:
        """Insert one row and return it without reading it again.

        `values` are the record's fields, `keys` the internal keys that stand behind its public ids. A value that
        must be unique and is not raises Conflict.
        """
        full = self._stamped(values)
        try:
            result = await self.session.execute(self._insert_statement(), self._row(full, keys))
            (key,) = cast("CursorResult[Any]", result).inserted_primary_key or (0,)
            await write_links(self.session, self.links, {key: keys})
        except IntegrityError as error:
            raise self._conflict(error) from error
        shown = self._shown(full | linked(self.links, values, keys))
        record: RecordT = self.record(id=key, **shown)
        return record

    async def add_many(self, rows: Sequence[tuple[Mapping[str, Any], Keys]]) -> list[UUID]:
        """Insert all rows or none, in one round trip; Conflict names the first row that cannot be stored."""
        stamped = [self._row(self._stamped(values), keys) for values, keys in rows]
        try:
            async with self.session.begin_nested():
                await self.session.execute(self._insert_statement(), stamped)
                if self.links:
                    await self._link_new([row["public_id"] for row in stamped], [keys for _, keys in rows])
        except IntegrityError as error:
            await self._name_the_bad_row(stamped)
            raise self._conflict(error) from error
        return [row["public_id"] for row in stamped]

    async def change(self, record: RecordT, values: Mapping[str, Any], **keys: Any) -> RecordT:
        """Write `values` (the record's fields) and `keys` to the row and return the record as it is now."""
        if not values:
            return record
        full = {**values, "updated_at": utc_now()}
        table = self._table()
        statement = (
            update(table).where(table.c.id == record.id, *self._owned(False)).values(self._row(full, keys))
        )
        try:
            result = cast("CursorResult[Any]", await self.session.execute(statement))
            if not result.rowcount:
                raise NotFound(self.title)
            await write_links(self.session, self.links, {record.id: keys}, again=True)
        except IntegrityError as error:
            raise self._conflict(error) from error
        return replace(record, **self._shown(full | linked(self.links, values, keys)))

    async def _link_new(self, public_ids: Sequence[UUID], keys: Sequence[Keys]) -> None:
        """Write the links of rows that were inserted together."""
        await self.learn_keys(public_ids)
        rows = {self._keys[public_id]: each for public_id, each in zip(public_ids, keys, strict=True)}
        await write_links(self.session, self.links, rows)

    async def remove(self, record: RecordT) -> None:
        """Delete the row; Conflict while others refer to it and may not lose it."""
        table = self._table()
        try:
            if keeps_rows(table):
                removed = await mark_deleted(self.session, table, [record.id])
            else:
                result = await self.session.execute(delete(table).where(table.c.id == record.id))
                removed = cast("CursorResult[Any]", result).rowcount
        except (IntegrityError, StillInUse) as error:
            raise Conflict(f"the {self.title} is still in use") from error
        if not removed:
            raise NotFound(self.title)

    @classmethod
    def _table(cls) -> Table:
        return cast("Table", cls.model.__table__)

    @classmethod
    @cache
    def _insert_statement(cls) -> Any:
        return insert(cls._table())

    @classmethod
    @cache
    def _key_statement(cls, owned: bool) -> Select[Any]:
        return select(cls.model.id).where(cls.model.public_id == bindparam("public_id"), *cls._owned(owned))

    @classmethod
    @cache
    def _keys_statement(cls, owned: bool) -> Select[UUID, int]:
        wanted = cls.model.public_id.in_(bindparam("public_ids", expanding=True))
        return select(cls.model.public_id, cls.model.id).where(wanted, *cls._owned(owned))

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

    @staticmethod
    def _values(query: Asked, paging: set[str]) -> dict[str, Any]:
        """The values of the filters that are asked for."""
        values = {name: getattr(query, name) for name in query.model_fields_set - paging}
        if "search" in values:
            values["search"] = _like(values["search"])
        return values

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

    @classmethod
    def _row(cls, values: Mapping[str, Any], keys: Keys) -> dict[str, Any]:
        columns = cls._table().c
        return {name: value for name, value in (*values.items(), *keys.items()) if name in columns}

    @classmethod
    def _shown(cls, values: dict[str, Any]) -> dict[str, Any]:
        """The values that a record holds: secrets are written and never read."""
        return {name: values[name] for name in values.keys() - cls.secrets} if cls.secrets else values

    @staticmethod
    def _stamped(values: Mapping[str, Any]) -> dict[str, Any]:
        now = utc_now()
        return {**values, "public_id": uuid4(), "created_at": now, "updated_at": now}

    def _conflict(self, error: IntegrityError) -> Conflict:
        return Conflict(conflict_detail(error, self._table(), self.title))

    async def _name_the_bad_row(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert one by one inside a savepoint that is always rolled back, to find the row that failed."""
        async with self.session.begin_nested() as savepoint:
            for index, row in enumerate(rows):
                try:
                    await self.session.execute(self._insert_statement(), row)
                except IntegrityError as error:
                    raise Conflict(f"items[{index}]: {self._conflict(error).detail}") from error
            await savepoint.rollback()


def public_id_of(model: type[Base], key: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """The public id of the row that a foreign key points at, as a column."""
    target: Any = aliased(model)
    return select(target.public_id).where(target.id == key).scalar_subquery()


def refers_to(key: InstrumentedAttribute[Any], model: type[Base], parameter: str) -> ColumnElement[bool]:
    """Whether a foreign key points at the row whose public id is bound to `parameter`."""
    target: Any = aliased(model)
    wanted = select(target.id).where(target.public_id == bindparam(parameter)).scalar_subquery()
    return key == wanted


def contains(parameter: str, *columns: QueryableAttribute[Any]) -> ColumnElement[bool]:
    """Whether the text bound to `parameter` stands in any of the columns, whatever its case."""
    return or_(*(column.ilike(bindparam(parameter), escape=ESCAPE) for column in columns))


def _like(text: str) -> str:
    """A LIKE pattern that finds `text` literally."""
    for special in (ESCAPE, "%", "_"):
        text = text.replace(special, ESCAPE + special)
    return f"%{text}%"
