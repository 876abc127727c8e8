"""Lists by cursor: each page is looked up behind the last row of the one before, however far into the list it is.

The order is the sort key and then `id`, so that rows which come or go between two pages move no other row.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Generic, Protocol

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, or_, select, tuple_

from app.core.cursors import Cursors
from app.core.errors import Invalid
from app.repositories.base import Asked, RecordT, Repository
from app.repositories.links import read_links
from app.repositories.statements import STATEMENTS_KEPT


@dataclass(frozen=True, slots=True)
class CursorPage(Generic[RecordT]):
    """Some records, and the cursor of what follows them; None at the end."""

    items: list[RecordT]
    next_cursor: str | None
    size: int


class CursorQuery(Asked, Protocol):
    """What a list is asked for; see `app.schemas.base.CursorQuery`."""

    cursor: str
    limit: int
    sort: Any


_PAGING = {"cursor", "limit", "sort"}


class KeysetRepository(Repository[RecordT]):
    """Rows that are listed by cursor."""

    async def walk(
        self, query: CursorQuery, cursors: Cursors, *, owner_id: int | None = None, **keys: int
    ) -> CursorPage[RecordT]:
        """The page behind the query's cursor, or the first one. `keys` are internal keys that the rows must refer to.

        Invalid if the cursor belongs to another list or order.
        """
        context = self.model.__tablename__, query.sort
        values = self._values(query, _PAGING) | keys
        names, start = frozenset(values), "first"
        if "cursor" in query.model_fields_set:
            value, key = self._opened(query.sort, cursors.open(query.cursor, *context))
            values |= {"_value": value, "_key": key}
            start = "after null" if value is None else "after value"
        values |= {"owner_id": owner_id, "limit": query.limit + 1}
        statement = self._walk_statement(query.sort, owner_id is not None, names, start)
        rows = (await self.session.execute(statement, values)).all()
        items: list[RecordT] = [self.record(*row[:-1]) for row in rows[: query.limit]]
        if self.links:
            await read_links(self.session, self.links, items)
        following = None
        if len(rows) > query.limit:
            position = rows[query.limit - 1][-1], items[-1].id
            following = cursors.seal(self._position(query.sort).dump_json(position), *context)
        return CursorPage(items, following, query.limit)

    @classmethod
    def _opened(cls, sort: str, position: bytes) -> tuple[Any, int]:
        """The sort value and key; Invalid for those of a time when the field had another type or other values."""
        try:
            return cls._position(sort).validate_json(position)
        except ValidationError as error:
            raise Invalid("the list has changed since: begin again", "query", "cursor") from error

    @classmethod
    @cache
    def _position(cls, sort: str) -> TypeAdapter[tuple[Any, int]]:
        """How the last row's sort value and key are written into a cursor."""
        kind = cls.sorts[sort.removeprefix("-")].type.python_type
        return TypeAdapter(tuple[kind | None, int])  # type: ignore[valid-type]  # known when the app runs

    @classmethod
    @lru_cache(STATEMENTS_KEPT)
    def _walk_statement(cls, sort: str, owned: bool, names: frozenset[str], start: str) -> Select[Any]:
        column = cls.sorts[sort.removeprefix("-")]
        rows = select(*cls.columns, column).where(*cls._owned(owned), *cls._matching(names))
        if start != "first":
            rows = rows.where(cls._behind(sort, null=start == "after null"))
        return rows.order_by(*cls._order(sort)).limit(bindparam("limit"))

    @classmethod
    def _behind(cls, sort: str, *, null: bool) -> ColumnElement[bool]:
        """Whether a row comes behind the one of the cursor, null being the largest value."""
        column, up = cls.sorts[sort.removeprefix("-")], not sort.startswith("-")
        value = bindparam("_value", type_=column.type)
        key = bindparam("_key", type_=Integer)
        if null:
            tied = and_(column.is_(None), cls.model.id > key if up else cls.model.id < key)
            return tied if up else or_(tied, column.is_not(None))
        row, last = tuple_(column, cls.model.id), tuple_(value, key)
        # MySQL looks up the first condition alone, the others the second.
        behind = and_(column >= value, row > last) if up else and_(column <= value, row < last)
        return or_(behind, column.is_(None)) if up and cls._nullable(sort) else behind
