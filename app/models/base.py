"""The base of every model: two identifiers, two timestamps, and names for every constraint."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from pydantic import TypeAdapter
from sqlalchemy import JSON, Dialect, Enum, MetaData, String, TypeDecorator
from sqlalchemy.dialects.mysql import VARCHAR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.core import mysql
from app.core.database import UtcDateTime, utc_now

UrlString = String(2048).with_variant(VARCHAR(2048, charset="ascii", collation="ascii_bin"), *mysql.BACKENDS)
"""An address is ASCII, so that it fits into an index of MySQL: 3,072 bytes."""


class Base(DeclarativeBase):
    """`id` is for foreign keys, joins and logs; `public_id` is the only identifier that leaves the process."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-2)
    public_id: Mapped[UUID] = mapped_column(unique=True, default=uuid4, sort_order=-1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, sort_order=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now, sort_order=2)


class SoftDeletes:
    """A row that is marked when it is deleted, and kept.

    Unique rules end in `deletion_id`, which is 0 while the row lives and its own `id` afterwards: deleted rows take no
    value away, on databases without partial indexes too.
    """

    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, sort_order=3)
    deletion_id: Mapped[int] = mapped_column(default=0, sort_order=4)


class ListOf(TypeDecorator[list[Any]]):
    """A list of values of one type, as JSON; what JSON has no form for (dates, decimals, UUIDs) comes back as it went in."""

    impl = JSON
    cache_ok = True

    def __init__(self, item: type) -> None:
        super().__init__(none_as_null=True)
        self.item = item
        self._values: TypeAdapter[list[Any]] = TypeAdapter(list[item])  # type: ignore[valid-type]  # known when it runs

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        return value if value is None else self._values.dump_python(value, mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> list[Any] | None:
        return value if value is None else self._values.validate_python(value)


def enum_type(values: type[StrEnum], name: str) -> Enum:
    """An enum column: VARCHAR with a named CHECK, so that a label is added without a type change."""
    return Enum(
        values,
        name=name,
        native_enum=False,
        create_constraint=True,
        values_callable=lambda enum: [member.value for member in enum],
    )
