"""Tests of /reviews."""

import datetime as dt
import uuid
from typing import Any

import pytest
from httpx2 import AsyncClient

from app.core.config import get_settings
from app.core.context import Caller
from app.core.database import Database
from tests.app.factories.product import make_product
from tests.app.factories.review import make_review, review_body

URL = f"{get_settings().api_prefix}/reviews"
UNKNOWN = uuid.UUID(int=0)
INVALID = [
    pytest.param("product_public_id", "1", id="product_public_id-not-a-uuid"),
    pytest.param("product_public_id", str(uuid.uuid4()), id="product_public_id-unknown"),
    pytest.param("product_public_id", None, id="product_public_id-null"),
    pytest.param("rating", 0, id="rating-too-small"),
    pytest.param("rating", 6, id="rating-too-large"),
    pytest.param("rating", "many", id="rating-not-a-number"),
    pytest.param("rating", None, id="rating-null"),
    pytest.param("title", "x" * 121, id="title-too-long"),
    pytest.param("title", "\0", id="title-nul"),
    pytest.param("title", {}, id="title-not-text"),
    pytest.param("body", "x" * 10001, id="body-too-long"),
    pytest.param("body", "\0", id="body-nul"),
    pytest.param("body", {}, id="body-not-text"),
]


async def test_create(client: AsyncClient, database: Database, caller: Caller) -> None:
    body = await review_body(database, caller)
    response = await client.post(URL, json=body)
    assert response.status_code == 201, response.text
    created = response.json()
    assert created == {**created, **body}
    assert "id" not in created
    assert response.headers["Location"] == f"{URL}/{created['public_id']}"
    assert (await client.get(response.headers["Location"])).json() == created


@pytest.mark.parametrize(("name", "value"), INVALID)
async def test_create_refuses(
    client: AsyncClient, database: Database, caller: Caller, name: str, value: object
) -> None:
    body = await review_body(database, caller, **{name: value})
    response = await client.post(URL, json=body)
    assert response.status_code == 422, response.text
    assert response.json()["errors"][0]["loc"][:2] == ["body", name]


async def test_create_refuses_unknown_fields(client: AsyncClient, database: Database, caller: Caller) -> None:
    body = await review_body(database, caller, nonsense=1)
    response = await client.post(URL, json=body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["loc"] == ["body", "nonsense"]


@pytest.mark.parametrize("name", ["product_public_id", "rating"])
async def test_create_requires(client: AsyncClient, database: Database, caller: Caller, name: str) -> None:
    body = await review_body(database, caller)
    del body[name]
    response = await client.post(URL, json=body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["loc"] == ["body", name]


async def test_product_is_unique(client: AsyncClient, database: Database, caller: Caller) -> None:
    body = await review_body(
        database, caller, product_public_id=str((await make_product(database, caller)).public_id)
    )
    other = await review_body(database, caller)
    same = {"product_public_id": body["product_public_id"]}
    assert (await client.post(URL, json=body)).status_code == 201
    response = await client.post(URL, json={**other, **same})
    assert response.status_code == 409


async def test_get(client: AsyncClient, database: Database, caller: Caller) -> None:
    review = await make_review(database, caller)
    response = await client.get(f"{URL}/{review.public_id}")
    assert response.status_code == 200
    assert response.json()["public_id"] == str(review.public_id)


async def test_get_unknown(client: AsyncClient) -> None:
    response = await client.get(f"{URL}/{UNKNOWN}")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (await client.get(f"{URL}/1")).status_code == 422


async def test_list_pages(client: AsyncClient, database: Database, caller: Caller) -> None:
    made = [str((await make_review(database, caller)).public_id) for _ in range(3)]
    first = (await client.get(URL, params={"limit": 2, "sort": "created_at"})).json()
    assert [item["public_id"] for item in first["items"]] == made[:2]
    assert {**first, "items": None} == {"items": None, "total": 3, "page": 1, "size": 2, "pages": 2}
    second = (await client.get(URL, params={"limit": 2, "skip": 2, "sort": "created_at"})).json()
    assert [item["public_id"] for item in second["items"]] == made[2:]
    beyond = (await client.get(URL, params={"skip": 5})).json()
    assert (beyond["items"], beyond["total"]) == ([], 3)


@pytest.mark.parametrize("sort", ["created_at", "rating"])
async def test_list_sorts(client: AsyncClient, database: Database, caller: Caller, sort: str) -> None:
    for _ in range(2):
        await make_review(database, caller)
    up = (await client.get(URL, params={"sort": sort})).json()["items"]
    down = (await client.get(URL, params={"sort": f"-{sort}"})).json()["items"]
    assert len(up) == 2
    assert up == down[::-1]


@pytest.mark.parametrize(
    ("sort", "low", "high"),
    [
        ("rating", 1, 2),
    ],
)
async def test_list_sorts_by(
    client: AsyncClient, database: Database, caller: Caller, sort: str, low: Any, high: Any
) -> None:
    above = await make_review(database, caller, **{sort: high})
    below = await make_review(database, caller, **{sort: low})
    items = (await client.get(URL, params={"sort": sort})).json()["items"]
    assert [item["public_id"] for item in items] == [str(below.public_id), str(above.public_id)]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "skip=-1", f"skip={2**63}", "sort=nonsense", "nonsense=1"]
)
async def test_list_refuses(client: AsyncClient, query: str) -> None:
    assert (await client.get(f"{URL}?{query}")).status_code == 422


@pytest.mark.parametrize(
    ("name", "field", "here", "there"),
    [
        ("rating_min", "rating", 2, 1),
        ("rating_max", "rating", 1, 2),
    ],
)
async def test_list_filters(
    client: AsyncClient, database: Database, caller: Caller, name: str, field: str, here: Any, there: Any
) -> None:
    wanted = await make_review(database, caller, **{field: here})
    await make_review(database, caller, **{field: there})
    response = await client.get(URL, params={name: str(here)})
    assert response.status_code == 200, response.text
    assert [item["public_id"] for item in response.json()["items"]] == [str(wanted.public_id)]


async def test_list_filters_by_product(client: AsyncClient, database: Database, caller: Caller) -> None:
    other = await make_product(database, caller)
    wanted = await make_review(database, caller, product_public_id=str(other.public_id))
    await make_review(database, caller)
    response = await client.get(URL, params={"product_public_id": str(other.public_id)})
    assert [item["public_id"] for item in response.json()["items"]] == [str(wanted.public_id)]
    nothing = await client.get(URL, params={"product_public_id": str(UNKNOWN)})
    assert nothing.json()["items"] == []


async def test_list_reviews_of_product(client: AsyncClient, database: Database, caller: Caller) -> None:
    other = await make_product(database, caller)
    wanted = await make_review(database, caller, product_public_id=str(other.public_id))
    await make_review(database, caller)
    response = await client.get(f"{get_settings().api_prefix}/products/{other.public_id}/reviews")
    assert response.status_code == 200, response.text
    assert [item["public_id"] for item in response.json()["items"]] == [str(wanted.public_id)]
    assert (await client.get(f"{get_settings().api_prefix}/products/{UNKNOWN}/reviews")).status_code == 404
    query = {"product_public_id": str(other.public_id)}
    assert (
        await client.get(f"{get_settings().api_prefix}/products/{other.public_id}/reviews", params=query)
    ).status_code == 422


async def test_list_reviews_of_product_of_others(
    stranger_client: AsyncClient, database: Database, caller: Caller
) -> None:
    other = await make_product(database, caller)
    assert (
        await stranger_client.get(f"{get_settings().api_prefix}/products/{other.public_id}/reviews")
    ).status_code == 404


async def test_create_review_of_product(client: AsyncClient, database: Database, caller: Caller) -> None:
    other = await make_product(database, caller)
    body = await review_body(database, caller, product_public_id=str(other.public_id))
    given = {name: value for name, value in body.items() if name != "product_public_id"}
    response = await client.post(
        f"{get_settings().api_prefix}/products/{other.public_id}/reviews", json=given
    )
    assert response.status_code == 201, response.text
    created = response.json()
    assert created == {**created, **body}
    assert response.headers["Location"] == f"{URL}/{created['public_id']}"
    assert (
        await client.post(f"{get_settings().api_prefix}/products/{UNKNOWN}/reviews", json=given)
    ).status_code == 404
    assert (
        await client.post(f"{get_settings().api_prefix}/products/{other.public_id}/reviews", json=body)
    ).status_code == 422


async def test_create_review_of_product_of_others(
    stranger_client: AsyncClient, database: Database, caller: Caller, stranger: Caller
) -> None:
    other = await make_product(database, caller)
    body = await review_body(database, stranger)
    del body["product_public_id"]
    assert (
        await stranger_client.post(
            f"{get_settings().api_prefix}/products/{other.public_id}/reviews", json=body
        )
    ).status_code == 404


async def test_replace(client: AsyncClient, database: Database, caller: Caller) -> None:
    review = await make_review(database, caller)
    body = await review_body(database, caller)
    response = await client.put(f"{URL}/{review.public_id}", json=body)
    assert response.status_code == 200, response.text
    assert response.json() == {**response.json(), **body, "public_id": str(review.public_id)}
    assert (await client.put(f"{URL}/{review.public_id}", json={})).status_code == 422


async def test_replace_clears_what_is_not_sent(
    client: AsyncClient, database: Database, caller: Caller
) -> None:
    review = await make_review(database, caller)
    body = await review_body(database, caller)
    for name in ["title", "body"]:
        del body[name]
    response = await client.put(f"{URL}/{review.public_id}", json=body)
    assert response.status_code == 200, response.text
    assert [response.json()[name] for name in ["title", "body"]] == [None, None]


async def test_update(client: AsyncClient, database: Database, caller: Caller) -> None:
    review = await make_review(database, caller)
    changes = {"rating": 2}
    response = await client.patch(f"{URL}/{review.public_id}", json=changes)
    assert response.status_code == 200, response.text
    changed = response.json()
    assert changed == {**changed, **changes, "public_id": str(review.public_id)}
    assert dt.datetime.fromisoformat(changed["updated_at"]) > review.updated_at
    nothing = await client.patch(f"{URL}/{review.public_id}", json={})
    assert nothing.json() == changed


@pytest.mark.parametrize("name", ["product_public_id", "rating"])
async def test_update_refuses_null(
    client: AsyncClient, database: Database, caller: Caller, name: str
) -> None:
    review = await make_review(database, caller)
    response = await client.patch(f"{URL}/{review.public_id}", json={name: None})
    assert response.status_code == 422


async def test_delete(client: AsyncClient, database: Database, caller: Caller) -> None:
    review = await make_review(database, caller)
    assert (await client.delete(f"{URL}/{review.public_id}")).status_code == 204
    assert (await client.delete(f"{URL}/{review.public_id}")).status_code == 404


async def test_bulk_create(client: AsyncClient, database: Database, caller: Caller) -> None:
    items = [await review_body(database, caller) for _ in range(2)]
    response = await client.post(f"{URL}/bulk", json={"items": items})
    assert response.status_code == 201, response.text
    assert response.json()["created"] == len(set(response.json()["public_ids"])) == 2
    for public_id, item in zip(response.json()["public_ids"], items, strict=True):
        row = (await client.get(f"{URL}/{public_id}")).json()
        assert row == {**row, **item}


async def test_bulk_create_names_the_bad_item(
    client: AsyncClient, database: Database, caller: Caller
) -> None:
    good = await review_body(database, caller)
    response = await client.post(f"{URL}/bulk", json={"items": [good, {**good, "nonsense": 1}]})
    assert response.status_code == 422
    assert response.json()["errors"][0]["loc"] == ["body", "items", 1, "nonsense"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/{}"),
        ("POST", ""),
        ("PUT", "/{}"),
        ("PATCH", "/{}"),
        ("DELETE", "/{}"),
        ("POST", "/bulk"),
    ],
)
async def test_anonymous_is_refused(anonymous: AsyncClient, method: str, path: str) -> None:
    response = await anonymous.request(method, URL + path.format(UNKNOWN))
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "status"), [("GET", 404), ("PUT", 404), ("PATCH", 404), ("DELETE", 404)])
async def test_strangers(
    client: AsyncClient,
    stranger_client: AsyncClient,
    database: Database,
    caller: Caller,
    method: str,
    status: int,
) -> None:
    review = await make_review(database, caller)
    url = f"{URL}/{review.public_id}"
    body = await review_body(database, caller) if method == "PUT" else {"rating": 2}
    before = (await client.get(url)).json()
    response = await stranger_client.request(method, url, json=body)
    assert response.status_code == status
    assert (await client.get(url)).json() == before


async def test_list_holds_only_own_rows(
    client: AsyncClient, database: Database, caller: Caller, stranger: Caller
) -> None:
    mine = await make_review(database, caller)
    await make_review(database, stranger)
    page = (await client.get(URL)).json()
    assert [item["public_id"] for item in page["items"]] == [str(mine.public_id)]


async def test_superusers_reach_every_row(
    superuser_client: AsyncClient, database: Database, caller: Caller
) -> None:
    review = await make_review(database, caller)
    assert (await superuser_client.delete(f"{URL}/{review.public_id}")).status_code == 204
