"""HTTP for reviews: parse, call the service, return."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.api.deps import Reading, Writing
from app.api.errors import responses
from app.api.routing import APIRouter
from app.repositories.base import Page
from app.repositories.review import ReviewRecord
from app.schemas.base import BulkRead
from app.schemas.review import (
    ReviewBulk,
    ReviewCreate,
    ReviewOfProductCreate,
    ReviewOfProductQuery,
    ReviewPage,
    ReviewQuery,
    ReviewRead,
    ReviewUpdate,
)
from app.services.review import ReviewService

router = APIRouter(tags=["reviews"])


@router.get("/reviews", response_model=ReviewPage, responses=responses(401, 422))
async def list_reviews(unit: Reading, query: Annotated[ReviewQuery, Query()]) -> Page[ReviewRecord]:
    """List reviews, newest first unless `sort` says otherwise."""
    return await ReviewService(unit).page(query)


@router.post("/reviews", status_code=201, response_model=ReviewRead, responses=responses(401, 409, 422))
async def create_review(
    unit: Writing, new: ReviewCreate, request: Request, response: Response
) -> ReviewRecord:
    """Create a review; `Location` leads to it."""
    review = await ReviewService(unit).create(new)
    response.headers["Location"] = f"{request.scope['path']}/{review.public_id}"
    return review


@router.post("/reviews/bulk", status_code=201, responses=responses(401, 409, 422))
async def bulk_create_reviews(unit: Writing, new: ReviewBulk) -> BulkRead:
    """Create up to 1000 reviews, all or none."""
    public_ids = await ReviewService(unit).create_many(new)
    return BulkRead(created=len(public_ids), public_ids=public_ids)


@router.get("/reviews/{public_id}", response_model=ReviewRead, responses=responses(401, 404, 422))
async def get_review(unit: Reading, public_id: UUID) -> ReviewRecord:
    """Get a review."""
    return await ReviewService(unit).get(public_id)


@router.put("/reviews/{public_id}", response_model=ReviewRead, responses=responses(401, 404, 409, 422))
async def replace_review(unit: Writing, public_id: UUID, new: ReviewCreate) -> ReviewRecord:
    """Replace every field of a review."""
    return await ReviewService(unit).replace(public_id, new)


@router.patch("/reviews/{public_id}", response_model=ReviewRead, responses=responses(401, 404, 409, 422))
async def update_review(unit: Writing, public_id: UUID, changes: ReviewUpdate) -> ReviewRecord:
    """Change the fields that are sent."""
    return await ReviewService(unit).update(public_id, changes)


@router.delete("/reviews/{public_id}", status_code=204, responses=responses(401, 404, 409, 422))
async def delete_review(unit: Writing, public_id: UUID) -> None:
    """Delete a review."""
    await ReviewService(unit).delete(public_id)


@router.get("/products/{public_id}/reviews", response_model=ReviewPage, responses=responses(401, 404, 422))
async def list_reviews_of_product(
    unit: Reading, public_id: UUID, query: Annotated[ReviewOfProductQuery, Query()]
) -> Page[ReviewRecord]:
    """List the reviews of one product."""
    return await ReviewService(unit).page_of_product(public_id, query)


@router.post(
    "/products/{public_id}/reviews",
    status_code=201,
    response_model=ReviewRead,
    responses=responses(401, 404, 409, 422),
)
async def create_review_of_product(
    unit: Writing, public_id: UUID, new: ReviewOfProductCreate, request: Request, response: Response
) -> ReviewRecord:
    """Create a review of one product; `Location` leads to it."""
    review = await ReviewService(unit).create_of_product(public_id, new)
    response.headers["Location"] = (
        f"{request.scope['root_path']}{request.app.url_path_for('create_review')}/{review.public_id}"
    )
    return review
