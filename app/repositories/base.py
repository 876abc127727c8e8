"""The rows of one table: what every feature reads and writes in the same way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import WriteSession, utc_now
from app.core.errors import Conflict, Invalid, NotFound
from app.repositories.bad_row import first_bad_row
from app.repositories.batches import batches
from app.repositories.conditions import pattern
from app.repositories.conflicts import conflict_detail, deletion_detail
from app.repositories.links import Keys, Links, linked, read_links, write_links
from app.repositories.soft_deletion import StillInUse, keeps_rows, mark_deleted
from app.repositories.statements import Statements
from app.repositories.writes import key_of_new, rows_touched


class Record(Protocol):
    """What all records have in common: a row as it leaves its repository."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> int: ...
    @property
    def public_id(self) -> UUID: ...


RecordT = TypeVar("RecordT", bound=Record)


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


class Repository(Statements, Generic[RecordT]):
    """The rows of one table.

    Methods take the owner's internal key to stay within the rows of one owner, or None for all rows.
    """

    title: ClassVar[str]
    record: ClassVar[type[Any]]
    links: ClassVar[tuple[Links, ...]] = ()
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
            statement = self._key_statement(owner_id is not None, self._holds())
            key = (await self.session.execute(statement, values)).scalar()
            if key is None:
                return None
            self._keys[public_id] = key
        return self._keys[public_id]

    def _holds(self) -> bool:
        """Whether a row that is looked up has to stay: the unit may be about to refer to it."""
        return isinstance(self.session, WriteSession) and keeps_rows(self._table())

    async def learn_keys(self, public_ids: Iterable[UUID | None], *, owner_id: int | None = None) -> None:
        """Ask once for the keys behind many references, so that `key` has them at hand."""
        wanted = sorted({each for each in public_ids if each is not None} - self._keys.keys())
        statement = self._keys_statement(owner_id is not None, self._holds())
        for some in batches(wanted):
            values = {"public_ids": some, "owner_id": owner_id}
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
            key = await key_of_new(self.session, self._insert_statement(), self._row(full, keys))
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
            bad = await first_bad_row(self.session, self._insert_statement(), stamped)
            if bad is None:
                raise self._conflict(error) from error
            place, reason = bad
            raise Conflict(f"items[{place}]: {self._conflict(reason).detail}") from reason
        return [row["public_id"] for row in stamped]

    async def change(self, record: RecordT, values: Mapping[str, Any], **keys: Any) -> RecordT:
        """Write `values` (the record's fields) and `keys` to the row and return it as it is then.

        It is read again: since `record` was read, another request may have changed its other fields.
        """
        if not values:
            return record
        table, row = self._table(), self._row({**values, "updated_at": utc_now()}, keys)
        statement = update(table).where(table.c.id == record.id, *self._owned(False)).values(row)
        try:
            if not await rows_touched(self.session, statement):
                raise NotFound(self.title)
            await write_links(self.session, self.links, {record.id: keys}, again=True)
        except IntegrityError as error:
            raise self._conflict(error) from error
        return await self.get(record.public_id)

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
                removed = await mark_deleted(self.session, table, record.id)
            else:
                removed = bool(await rows_touched(self.session, delete(table).where(table.c.id == record.id)))
        except (IntegrityError, StillInUse) as error:
            raise Conflict(deletion_detail(error, self.title)) from error
        if not removed:
            raise NotFound(self.title)

    @staticmethod
    def _values(query: Asked, paging: set[str]) -> dict[str, Any]:
        """The values of the filters that are asked for."""
        values = {name: getattr(query, name) for name in query.model_fields_set - paging}
        if "search" in values:
            values["search"] = pattern(values["search"])
        return values

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
