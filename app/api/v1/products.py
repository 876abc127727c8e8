"""HTTP for products: parse, call the service, return."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.api.deps import Reading, Writing
from app.api.errors import responses
from app.api.routing import APIRouter
from app.repositories.base import Page
from app.repositories.product import ProductRecord
from app.schemas.base import BulkRead
from app.schemas.product import (
    ProductBulk,
    ProductCreate,
    ProductOfCategoryQuery,
    ProductPage,
    ProductQuery,
    ProductRead,
    ProductUpdate,
)
from app.services.product import ProductService

router = APIRouter(tags=["products"])


@router.get("/products", response_model=ProductPage, responses=responses(401, 422))
async def list_products(unit: Reading, query: Annotated[ProductQuery, Query()]) -> Page[ProductRecord]:
    """List products, newest first unless `sort` says otherwise."""
    return await ProductService(unit).page(query)


@router.post("/products", status_code=201, response_model=ProductRead, responses=responses(401, 409, 422))
async def create_product(
    unit: Writing, new: ProductCreate, request: Request, response: Response
) -> ProductRecord:
    """Create a product; `Location` leads to it."""
    product = await ProductService(unit).create(new)
    response.headers["Location"] = f"{request.scope['path']}/{product.public_id}"
    return product


@router.post("/products/bulk", status_code=201, responses=responses(401, 409, 422))
async def bulk_create_products(unit: Writing, new: ProductBulk) -> BulkRead:
    """Create up to 1000 products, all or none."""
    public_ids = await ProductService(unit).create_many(new)
    return BulkRead(created=len(public_ids), public_ids=public_ids)


@router.get("/products/{public_id}", response_model=ProductRead, responses=responses(401, 404, 422))
async def get_product(unit: Reading, public_id: UUID) -> ProductRecord:
    """Get a product."""
    return await ProductService(unit).get(public_id)


@router.put("/products/{public_id}", response_model=ProductRead, responses=responses(401, 404, 409, 422))
async def replace_product(unit: Writing, public_id: UUID, new: ProductCreate) -> ProductRecord:
    """Replace every field of a product."""
    return await ProductService(unit).replace(public_id, new)


@router.patch("/products/{public_id}", response_model=ProductRead, responses=responses(401, 404, 409, 422))
async def update_product(unit: Writing, public_id: UUID, changes: ProductUpdate) -> ProductRecord:
    """Change the fields that are sent."""
    return await ProductService(unit).update(public_id, changes)


@router.delete("/products/{public_id}", status_code=204, responses=responses(401, 404, 409, 422))
async def delete_product(unit: Writing, public_id: UUID) -> None:
    """Delete a product."""
    await ProductService(unit).delete(public_id)


@router.get(
    "/categories/{public_id}/products", response_model=ProductPage, responses=responses(401, 404, 422)
)
async def list_products_of_category(
    unit: Reading, public_id: UUID, query: Annotated[ProductOfCategoryQuery, Query()]
) -> Page[ProductRecord]:
    """List the products of one category."""
    return await ProductService(unit).page_of_category(public_id, query)
