"""Two tables with everything that a comparison can be blind to."""

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Enum,
    ForeignKey,
    Index,
    MetaData,
    Numeric,
    String,
    UniqueConstraint,
    column,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    id: Mapped[int] = mapped_column(primary_key=True)


class Status(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


class Author(Base):
    __tablename__ = "authors"

    name: Mapped[str] = mapped_column(String(100), unique=True)


UNSOLD = column("sold") == 0


class Book(Base):
    __tablename__ = "books"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price"),
        UniqueConstraint("author_id", "title"),
        Index("ix_books_current", "title", sqlite_where=UNSOLD, postgresql_where=UNSOLD),
    )

    title: Mapped[str] = mapped_column(String(200))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    sold: Mapped[int] = mapped_column(server_default="0")
    status: Mapped[Status] = mapped_column(
        Enum(
            Status,
            name="status",
            native_enum=False,
            create_constraint=True,
            length=9,
            values_callable=lambda labels: [label.value for label in labels],
        )
    )
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id", ondelete="CASCADE"))
    sequel_of_id: Mapped[int | None] = mapped_column(ForeignKey("books.id", ondelete="SET NULL"))
    signed: Mapped[bool] = mapped_column(server_default=false())
