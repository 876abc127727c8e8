"""The OpenAPI document beyond what the operations themselves declare: access, the token's URL, proxies in front."""

from asyncio import create_task, to_thread
from collections.abc import Iterator
from threading import Event
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Query
from httpx2 import ASGITransport, AsyncClient
from pydantic import BaseModel, create_model

from app.api import openapi
from app.api.openapi_parts import describe
from app.core.config import Settings
from app.core.context import Caller
from app.core.database import Database
from app.main import create_app
from tests.app.conftest import make_client
from tests.app.document import document, operations
from tests.app.factories.category import category_body
from tests.app.factories.review import review_body

SUPERUSERS_ONLY = {"list_users", "read_user", "update_user", "delete_user"}
LOGIN = "/auth/login"


def token_url(document: Any) -> Any:
    return document["components"]["securitySchemes"]["OAuth2PasswordBearer"]["flows"]["password"]["tokenUrl"]


def test_every_operation_is_marked_with_its_access() -> None:
    for operation in operations():
        access, told = operation.definition["x-access"], operation.definition.get("description", "")
        assert (access == "public") == operation.is_public, operation.id
        assert told.endswith("Public.") == operation.is_public, operation.id
        assert told.endswith("Superusers only.") == (access == "superuser"), operation.id


def test_the_routes_for_superusers_are_marked_so() -> None:
    users = [each for each in operations() if "/users" in each.path]
    assert {each.id for each in users if each.definition["x-access"] == "superuser"} == SUPERUSERS_ONLY


def test_the_bounds_of_integers_are_integers() -> None:
    bounds = list(integer_bounds(document()))
    assert 2**63 - 1 in bounds  # of `skip`
    assert {type(bound) for bound in bounds} == {int}


def test_a_service_may_have_more_lists_than_fastapi_keeps_query_models() -> None:
    app = create_app(Settings(environment="test", _env_file=None))
    for number in range(129):
        add_list(app, number)
    described = app.openapi()["paths"]
    assert [each["name"] for each in described["/lists/128"]["get"]["parameters"]] == ["first"]


def add_list(app: FastAPI, number: int) -> None:
    class Wanted(BaseModel):
        first: int = 0

    def listed(wanted: Annotated[Wanted, Query()]) -> int:
        return wanted.first

    app.get(f"/lists/{number}", name=f"list_{number}")(listed)


def test_the_document_in_parts_is_that_in_one() -> None:
    app = create_app(Settings(environment="test", _env_file=None))
    assert describe(app) == FastAPI.openapi(app)


def test_two_schemas_of_one_name_are_told_apart() -> None:
    app = FastAPI()
    for module, kind in (("here", int), ("there", str)):
        answer = create_model("Answer", __module__=module, value=(kind, ...))
        app.get(f"/{module}", response_model=answer)(lambda: None)
    described = describe(app)
    assert set(described["components"]["schemas"]) == {"here__Answer", "there__Answer"}
    assert described == FastAPI.openapi(app)


async def test_others_are_answered_while_the_document_is_made(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, goes_on, made = Event(), Event(), []

    def waiting(app: FastAPI) -> dict[str, Any]:
        begun.set()
        assert goes_on.wait(timeout=10)
        made.append(describe(app))
        return made[-1]

    monkeypatch.setattr(openapi, "describe", waiting)
    transport = ASGITransport(create_app(settings))
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        asked = [create_task(client.get("/openapi.json")) for _ in range(3)]
        assert await to_thread(begun.wait, 10)
        assert (await client.get("/health/live")).status_code == 200
        goes_on.set()
        assert len({(await each).text for each in asked}) == 1
    assert len(made) == 1


def integer_bounds(schema: Any) -> Iterator[object]:
    if isinstance(schema, dict):
        if schema.get("type") == "integer":
            yield from (value for key, value in schema.items() if key.endswith("imum"))
        schema = list(schema.values())
    if isinstance(schema, list):
        for each in schema:
            yield from integer_bounds(each)


def test_headers_that_clients_need_are_declared() -> None:
    for operation in operations():
        for status, response in operation.definition["responses"].items():
            headers = set(response.get("headers", {}))
            assert ("Retry-After" in headers) == (status in {"429", "503"}), (operation.id, status)
            leads = status == "201" and "Location" in operation.definition["description"]
            assert ("Location" in headers) == leads, (operation.id, status)


@pytest.mark.parametrize("prefix", ["/api/v1", "/shop/v9"])
async def test_the_docs_page_finds_the_login(prefix: str, settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"api_prefix": prefix}))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        document = (await client.get("/openapi.json")).json()
    assert token_url(document) == prefix + LOGIN
    assert prefix + LOGIN in document["paths"]
    assert "servers" not in document


async def test_behind_a_proxy_that_strips_a_prefix(app: FastAPI) -> None:
    """uvicorn puts its `--root-path` before every path."""
    transport = ASGITransport(app, root_path="/shop")
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        document = (await client.get("/shop/openapi.json")).json()
        page = (await client.get("/shop/docs")).text
    assert document["servers"] == [{"url": "/shop"}]
    assert token_url(document) == "/shop/api/v1" + LOGIN
    assert token_url(app.openapi()) == "/api/v1" + LOGIN
    assert "'/shop/openapi.json'" in page


@pytest.mark.parametrize("root", ["", "/shop"])
async def test_location_leads_to_the_new_row(
    root: str, app: FastAPI, database: Database, caller: Caller
) -> None:
    review = await review_body(database, caller)
    product = review.pop("product_public_id")
    async with make_client(app, caller) as client:
        client._transport = ASGITransport(app, root_path=root)
        for path, body, home in (
            ("categories", await category_body(database, caller), "categories"),
            (f"products/{product}/reviews", review, "reviews"),
        ):
            created = await client.post(f"{root}/api/v1/{path}", json=body)
            assert created.status_code == 201, created.text
            assert created.headers["location"] == f"{root}/api/v1/{home}/{created.json()['public_id']}"
            assert (await client.get(created.headers["location"])).json() == created.json()
