"""The rows of reviews."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam

from app.models.product import Product
from app.models.review import Review
from app.models.user import User
from app.repositories.base import Repository
from app.repositories.conditions import public_id_of, refers_to


@dataclass(slots=True)
class ReviewRecord:
    """A row of reviews as it leaves the repository; `id` stays inside the process."""

    id: int
    public_id: UUID
    product_public_id: UUID
    rating: int
    title: str | None
    body: str | None
    owner_public_id: UUID
    created_at: dt.datetime
    updated_at: dt.datetime


class ReviewRepository(Repository[ReviewRecord]):
    title = "review"
    model = Review
    record = ReviewRecord
    owner = Review.owner_id
    columns = (
        Review.id,
        Review.public_id,
        public_id_of(Product, Review.product_id),
        Review.rating,
        Review.title,
        Review.body,
        public_id_of(User, Review.owner_id),
        Review.created_at,
        Review.updated_at,
    )
    sorts = {
        "created_at": Review.created_at,
        "rating": Review.rating,
    }
    filters = {
        "rating_min": Review.rating >= bindparam("rating_min"),
        "rating_max": Review.rating <= bindparam("rating_max"),
        "product_public_id": refers_to(Review.product_id, Product, "product_public_id"),
    }
