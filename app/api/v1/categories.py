"""HTTP for categories: parse, call the service, return."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.api.deps import Reading, Writing
from app.api.errors import responses
from app.api.routing import APIRouter
from app.repositories.base import Page
from app.repositories.category import CategoryRecord
from app.schemas.base import BulkRead
from app.schemas.category import (
    CategoryBulk,
    CategoryCreate,
    CategoryPage,
    CategoryQuery,
    CategoryRead,
    CategoryUpdate,
)
from app.services.category import CategoryService

router = APIRouter(tags=["categories"])


@router.get("/categories", response_model=CategoryPage, responses=responses(401, 422))
async def list_categories(unit: Reading, query: Annotated[CategoryQuery, Query()]) -> Page[CategoryRecord]:
    """List categories, newest first unless `sort` says otherwise."""
    return await CategoryService(unit).page(query)


@router.post("/categories", status_code=201, response_model=CategoryRead, responses=responses(401, 409, 422))
async def create_category(
    unit: Writing, new: CategoryCreate, request: Request, response: Response
) -> CategoryRecord:
    """Create a category; `Location` leads to it."""
    category = await CategoryService(unit).create(new)
    response.headers["Location"] = f"{request.scope['path']}/{category.public_id}"
    return category


@router.post("/categories/bulk", status_code=201, responses=responses(401, 409, 422))
async def bulk_create_categories(unit: Writing, new: CategoryBulk) -> BulkRead:
    """Create up to 1000 categories, all or none."""
    public_ids = await CategoryService(unit).create_many(new)
    return BulkRead(created=len(public_ids), public_ids=public_ids)


@router.get("/categories/{public_id}", response_model=CategoryRead, responses=responses(401, 404, 422))
async def get_category(unit: Reading, public_id: UUID) -> CategoryRecord:
    """Get a category."""
    return await CategoryService(unit).get(public_id)


@router.put("/categories/{public_id}", response_model=CategoryRead, responses=responses(401, 404, 409, 422))
async def replace_category(unit: Writing, public_id: UUID, new: CategoryCreate) -> CategoryRecord:
    """Replace every field of a category."""
    return await CategoryService(unit).replace(public_id, new)


@router.patch("/categories/{public_id}", response_model=CategoryRead, responses=responses(401, 404, 409, 422))
async def update_category(unit: Writing, public_id: UUID, changes: CategoryUpdate) -> CategoryRecord:
    """Change the fields that are sent."""
    return await CategoryService(unit).update(public_id, changes)


@router.delete("/categories/{public_id}", status_code=204, responses=responses(401, 404, 409, 422))
async def delete_category(unit: Writing, public_id: UUID) -> None:
    """Delete a category."""
    await CategoryService(unit).delete(public_id)
