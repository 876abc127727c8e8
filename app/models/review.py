"""The table behind /reviews."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Review(Base):
    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("owner_id", "product_id"),
        CheckConstraint("rating >= 1", name="rating_ge"),
        CheckConstraint("rating <= 5", name="rating_le"),
        Index("ix_reviews_owner_id_created_at", "owner_id", "created_at", "id"),
        Index("ix_reviews_owner_id_rating", "owner_id", "rating", "id"),
        Index("ix_reviews_product_id_owner_id_created_at", "product_id", "owner_id", "created_at", "id"),
    )

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    rating: Mapped[int] = mapped_column(index=True)
    title: Mapped[str | None] = mapped_column(String(120))
    body: Mapped[str | None] = mapped_column(Text)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
