"""A feature as people write it, in a style of their own, and models of which the kit can say less."""

from typing import Final

SUPPLIER_MODEL: Final = '''"""Whom we buy from."""

import enum

from sqlalchemy import CheckConstraint, Column, Enum, ForeignKey, Index, Numeric, String, Table, Text, func
from sqlalchemy.orm import Mapped, mapped_column, relationship
from typing import Annotated

from app.models.base import Base, enum_type
from app.models.category import Category

Code = Annotated[str, mapped_column(String(20), unique=True)]


class Rank(enum.StrEnum):
    GOLD = "gold"
    SILVER = "silver"


class HasNotes:
    notes: Mapped[str | None] = mapped_column(Text, sort_order=0)


class Supplier(HasNotes, Base):
    __tablename__ = "suppliers"

    code: Mapped[Code]
    name = mapped_column(String(100), nullable=False, index=True)
    nickname = Column(String)
    country: Mapped[str] = mapped_column(String(2), server_default="de")
    credit: Mapped[float] = mapped_column(Numeric(10, 2), default=0)
    stars: Mapped[int]
    rank: Mapped[Rank] = mapped_column(enum_type(Rank, "rank"), default=Rank.SILVER)
    mood: Mapped[str] = mapped_column(Enum("calm", "upset", name="mood"))
    listed_at = mapped_column("listedAt", String(30))
    margin: Mapped[float | None] = mapped_column(Numeric)
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    category: Mapped[Category] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars_range"),
        CheckConstraint("credit >= 0", name="credit_ge"),
        CheckConstraint("length(code) > 2", name="code_length"),
        Index("ix_suppliers_lower_name", func.lower(name)),
        Index("ix_suppliers_country_name", "country", "name"),
        {"comment": "whom we buy from"},
    )


supplier_tags = Table(
    "supplier_tags",
    Base.metadata,
    Column("supplier_id", ForeignKey("suppliers.id", ondelete="CASCADE"), primary_key=True),
    Column("category_id", ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True, index=True),
)
'''

GADGET_MODEL: Final = '''"""Things with keys of their own."""

from uuid import UUID, uuid4

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Gadget(Base):
    __tablename__ = "gadget"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    label: Mapped[str] = mapped_column(String(50))
    parent_id: Mapped[UUID | None]


class GadgetPart(Base):
    __tablename__ = "gadget_parts"

    maker_id: Mapped[int] = mapped_column(unique=True)
'''

PARCEL_MODEL: Final = '''"""What only some databases, or only the class, can say."""

import datetime as dt
import enum
import uuid

from sqlalchemy import (
    ARRAY, JSON, CheckConstraint, Computed, DateTime, Enum, ForeignKey, ForeignKeyConstraint, Index, Integer, Interval,
    LargeBinary, SmallInteger, String, Text, Time, TypeDecorator, UniqueConstraint, func, literal_column, text, true,
)
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship, synonym

from app.models.base import Base


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Lower(TypeDecorator[str]):
    impl = String
    cache_ok = True


class Parcel(Base):
    __tablename__ = "parcels"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "parcel"}

    kind: Mapped[str] = mapped_column(String(10))
    small: Mapped[int] = mapped_column(SmallInteger, server_default="3")
    colour: Mapped[Colour] = mapped_column(default=Colour.BLUE)
    other_colour: Mapped[Colour] = mapped_column(Enum(Colour, native_enum=False))
    data: Mapped[dict] = mapped_column(JSON().with_variant(JSONB, "postgresql"), default=dict)
    more: Mapped[dict] = mapped_column(JSONB, default=lambda: {"a": 1})
    numbers: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    address: Mapped[str] = mapped_column(INET)
    wait: Mapped[dt.timedelta] = mapped_column(Interval)
    twice: Mapped[int] = mapped_column(Integer, Computed("small * 2"))
    naive: Mapped[dt.datetime] = mapped_column(DateTime, server_default=func.now(), onupdate=func.now())
    aware: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=text("CURRENT_TIMESTAMP"))
    zoned: Mapped[dt.time] = mapped_column(Time(timezone=True), default=dt.time(3, 4))
    token: Mapped[uuid.UUID] = mapped_column(server_default=func.gen_random_uuid())
    blob: Mapped[bytes] = mapped_column(LargeBinary(100), default=b"abc")
    flag: Mapped[bool] = mapped_column(server_default=true())
    quoted: Mapped[str] = mapped_column(Lower(30), server_default=text("'it''s'"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    maker: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("products.public_id", ondelete="CASCADE"))
    a: Mapped[int]
    b: Mapped[int] = mapped_column(comment="of two")
    doubled = column_property(literal_column("small * 2"))
    little = synonym("small")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("parcels.id", ondelete="CASCADE", onupdate="CASCADE"))
    children: Mapped[list["Parcel"]] = relationship(foreign_keys="Parcel.parent_id")

    __table_args__ = (
        UniqueConstraint("a", "b", name="uq_late", deferrable=True),
        UniqueConstraint("a", "kind"),
        CheckConstraint("a > 0 AND b <= 10.5", name="ab"),
        CheckConstraint("a > 0 OR b > 3", name="a_or_b"),
        ForeignKeyConstraint(["a", "b"], ["parcels.a", "parcels.b"], name="fk_both"),
        Index("ix_part", "a", postgresql_where=text("b > 1")),
        Index("ix_text", text("a DESC")),
        Index("ux_plain", "kind", "token", unique=True),
    )


class Letter(Parcel):
    __mapper_args__ = {"polymorphic_identity": "letter"}


class Crate(Parcel):
    __mapper_args__ = {"polymorphic_identity": "crate"}


class Sack(Parcel):
    __mapper_args__ = {"polymorphic_identity": "sack"}
'''
