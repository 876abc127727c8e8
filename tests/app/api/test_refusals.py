"""What a 422 tells: a bounded number of mistakes, in words that are about the request."""

from httpx2 import AsyncClient

from app.api.errors import FIELD_ERRORS_MAX
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
