"""The table behind /products."""

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, enum_type


class ProductStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class Product(Base):
    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("owner_id", "name"),
        CheckConstraint("price >= 0", name="price_ge"),
        Index("ix_products_status_created_at", "status", "created_at"),
        Index("ix_products_owner_id_created_at", "owner_id", "created_at", "id"),
        Index("ix_products_owner_id_price", "owner_id", "price", "id"),
        Index("ix_products_status_owner_id_created_at", "status", "owner_id", "created_at", "id"),
        Index("ix_products_in_stock_owner_id_created_at", "in_stock", "owner_id", "created_at", "id"),
        Index("ix_products_category_id_owner_id_created_at", "category_id", "owner_id", "created_at", "id"),
    )

    name: Mapped[str] = mapped_column(String(100), index=True)
    sku: Mapped[str] = mapped_column(String(32), unique=True)
    description: Mapped[str | None] = mapped_column(Text)
    price: Mapped[Decimal] = mapped_column(Numeric(12, 2), index=True)
    status: Mapped[ProductStatus] = mapped_column(
        enum_type(ProductStatus, "status"), default=ProductStatus.DRAFT
    )
    in_stock: Mapped[bool] = mapped_column(default=True)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id", ondelete="SET NULL"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
