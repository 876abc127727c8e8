"""What a 422 tells: a bounded number of mistakes, in words that are about the request."""

from typing import Annotated
from uuid import uuid4

import pytest
from fastapi import FastAPI, Query
from httpx2 import ASGITransport, AsyncClient

from app.api.errors import FIELD_ERRORS_MAX, install
from app.api.routing import APIRouter
from app.core.context import Caller
from app.core.database import Database
from tests.app.factories.category import category_body

TOLD = f"errors, of which the first {FIELD_ERRORS_MAX} are told"


async def test_a_body_of_thousands_of_mistakes(
    client: AsyncClient, database: Database, caller: Caller
) -> None:
    body = await category_body(database, caller)
    rows = [body | {f"unknown_{number}": 1 for number in range(10)} for _ in range(1000)]
    response = await client.post("/api/v1/categories/bulk", json={"items": rows})
    problem = response.json()
    assert response.status_code == 422
    assert len(problem["errors"]) == FIELD_ERRORS_MAX
    assert problem["detail"] == f"the request is not valid: 10000 {TOLD}"


async def test_a_query_of_hundreds_of_mistakes(client: AsyncClient) -> None:
    response = await client.get(
        "/api/v1/categories", params={f"unknown_{number}": 1 for number in range(101)}
    )
    assert len(response.json()["errors"]) == FIELD_ERRORS_MAX
    assert response.json()["detail"] == f"the request is not valid: 101 {TOLD}"


@pytest.mark.parametrize(
    ("query", "repeated"),
    [
        ("status=draft&status=active", ["status"]),
        ("status=draft&status=draft", ["status"]),
        ("limit=1&%6cimit=2&price_min=1&price_min=2", ["limit", "price_min"]),
        ("in_stock=true&search=a&in_stock=&search=b&sort=name&sort=price", ["sort", "search", "in_stock"]),
        (f"category_public_id={uuid4()}&category_public_id={uuid4()}", ["category_public_id"]),
    ],
)
async def test_a_parameter_that_is_given_twice(client: AsyncClient, query: str, repeated: list[str]) -> None:
    response = await client.get(f"/api/v1/products?{query}")
    assert response.status_code == 422
    assert response.json()["errors"] == [
        {"loc": ["query", name], "msg": "must be given once", "type": "repeated"} for name in repeated
    ]


async def test_what_else_is_wrong_is_told_beside_a_repetition(client: AsyncClient) -> None:
    response = await client.get("/api/v1/products?skip=1&skip=2&limit=0&unknown=1&unknown=2")
    assert [error["loc"][1] for error in response.json()["errors"]] == ["skip", "limit", "unknown"]


async def test_nobody_learns_of_repetition_without_a_token(anonymous: AsyncClient) -> None:
    assert (await anonymous.get("/api/v1/products?limit=1&limit=2")).status_code == 401


async def test_lists_and_plain_parameters_of_a_route() -> None:
    router = APIRouter()

    @router.get("/found")
    async def found(
        many: Annotated[list[str], Query()], one: str | None = None, other: int | None = None
    ) -> list[str]:
        return [*many, str(one), str(other)]

    app = FastAPI()
    app.include_router(router)
    install(app)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/found?many=a&many=b&one=c")).json() == ["a", "b", "c", "None"]
        refused = await client.get("/found?many=a&one=b&one=c&other=1&other=1")
    assert [(error["loc"], error["type"]) for error in refused.json()["errors"]] == [
        (["query", "one"], "repeated"),
        (["query", "other"], "repeated"),
    ]


async def test_a_password_has_characters(anonymous: AsyncClient) -> None:
    form = {"email": "ada@example.org", "password": "x" * 7, "confirm_password": "x" * 129}
    response = await anonymous.post("/api/v1/users/register", json=form)
    assert [error["msg"] for error in response.json()["errors"]] == [
        "Value should have at least 8 characters, not 7",
        "Value should have at most 128 characters, not 129",
    ]


async def test_no_content_has_no_type(client: AsyncClient, database: Database, caller: Caller) -> None:
    created = await client.post("/api/v1/categories", json=await category_body(database, caller))
    response = await client.delete(created.headers["location"])
    assert (response.status_code, "content-type" in response.headers) == (204, False)
