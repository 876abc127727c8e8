"""Conditions and columns that features declare, on parameters that are bound when a statement runs."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select
from sqlalchemy.orm import InstrumentedAttribute, QueryableAttribute, aliased

from app.models.base import Base

_ESCAPE = "/"


def public_id_of(model: type[Base], key: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """The public id of the row that a foreign key points at, as a column."""
    target = _referred(model)
    return select(target.public_id).where(target.id == key).scalar_subquery()


def refers_to(key: InstrumentedAttribute[Any], model: type[Base], parameter: str) -> ColumnElement[bool]:
    """Whether a foreign key points at the row whose public id is bound to `parameter`."""
    target = _referred(model)
    wanted = select(target.id).where(target.public_id == bindparam(parameter)).scalar_subquery()
    return key == wanted


@cache
def _referred(model: type[Base]) -> Any:
    """The alias by which every sub-select reads a model: it is none of the tables around, and each sub-select has its own.

    One is enough for all features, and each costs the start a millisecond.
    """
    return aliased(model)


def contains(parameter: str, *columns: QueryableAttribute[Any]) -> ColumnElement[bool]:
    """Whether the text whose `pattern` is bound to `parameter` stands in any of the columns, whatever its case."""
    return or_(*(column.ilike(bindparam(parameter), escape=_ESCAPE) for column in columns))


def pattern(text: str) -> str:
    """A LIKE pattern that finds `text` literally."""
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    return f"%{text}%"
