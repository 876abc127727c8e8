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
