"""Links between rows: tables of two foreign keys, read and written for many rows at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, bindparam, delete, insert, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.models.base import Base

Keys = Mapping[str, Any]
"""Internal keys by attribute: one behind each public id, a list of them behind each list."""


@dataclass(frozen=True, slots=True)
class Links:
    """Which rows of `model` the rows of a feature are linked to.

    Records hold their public ids under `name`, oldest row first. `source` is the column that points at the feature's own row,
    `target` the one that points at the other.
    """

    name: str
    source: Column[Any]
    target: Column[Any]
    model: type[Base]

    def lead_to(self, key: InstrumentedAttribute[int], parameter: str) -> ColumnElement[bool]:
        """Whether the row with this key is linked to the one whose public id is bound to `parameter`."""
        other: Any = aliased(self.model)
        linked = select(self.source).join(other, other.id == self.target)
        return key.in_(linked.where(other.public_id == bindparam(parameter)))


async def read_links(session: AsyncSession, links: tuple[Links, ...], records: Iterable[Any]) -> None:
    """Fill the lists of public ids of all records, in one statement."""
    by_key = {record.id: record for record in records}
    if not by_key:
        return
    rows = await session.execute(_reading(links), {"keys": list(by_key)})
    for kind, key, _, public_id in rows:
        getattr(by_key[key], links[kind].name).append(public_id)


async def write_links(
    session: AsyncSession, links: tuple[Links, ...], rows: Mapping[int, Keys], *, again: bool = False
) -> None:
    """Link rows (by key) to the rows whose keys stand under the names of links; `again` cuts what was linked before."""
    for each in links:
        named = {key: keys[each.name] for key, keys in rows.items() if each.name in keys}
        if again and named:
            await session.execute(delete(each.source.table).where(each.source.in_(named)))
        source, target = each.source.name, each.target.name
        pairs = [{source: key, target: other} for key, others in named.items() for other in others]
        if pairs:
            await session.execute(insert(each.source.table), pairs)


def linked(links: tuple[Links, ...], values: Mapping[str, Any], keys: Keys) -> dict[str, list[UUID]]:
    """The lists of public ids among `values`, in the order in which `read_links` gives them."""
    return {
        each.name: [
            public_id for _, public_id in sorted(zip(keys[each.name], values[each.name], strict=True))
        ]
        for each in links
        if each.name in keys
    }


@cache
def _reading(links: tuple[Links, ...]) -> Any:
    parts = []
    for kind, each in enumerate(links):
        other: Any = aliased(each.model)
        part = select(
            literal(kind).label("kind"), each.source.label("key"), each.target.label("other"), other.public_id
        )
        parts.append(
            part.join(other, other.id == each.target).where(
                each.source.in_(bindparam("keys", expanding=True))
            )
        )
    return union_all(*parts).order_by("kind", "key", "other")
