"""The watch over the whole suite sees what it is there for; that it sees every response and line, `conftest` arranges."""

from typing import Any
from uuid import uuid4

import jwt
import pytest
import structlog
from fastapi import FastAPI, Response
from httpx2 import AsyncClient
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table

from tests.app.conftest import make_client
from tests.app.watch import Watch, internal_among, internal_names, leaks_of_body, leaks_of_log, secrets_of

KEY = "another secret of at least 32 bytes"
UNKNOWN = str(uuid4())


@pytest.mark.parametrize(
    "body",
    [
        {"id": 7},
        {"items": [{"public_id": UNKNOWN}, {"owner_id": 7}]},
        {"category_public_id": 7},
        {"tag_public_ids": [UNKNOWN, "7"]},
        {"owner_id": "7"},
        {"ids": [7]},
        {"hashed_password": "!"},
        {"access_token": jwt.encode({"sub": UNKNOWN, "uid": 7}, KEY)},
        {"refresh_token": jwt.encode({"sub": "7"}, KEY)},
    ],
)
def test_internal_keys_are_seen(body: dict[str, Any]) -> None:
    assert list(leaks_of_body(body, internal_names())) != []


def test_what_clients_may_see_is_no_leak() -> None:
    body = {
        "public_id": UNKNOWN,
        "category_public_id": None,
        "tag_public_ids": [UNKNOWN],
        "request_id": "abc",
        "external_id": "SKU-7",
        "republic_id": 7,
        "access_token": jwt.encode({"sub": UNKNOWN, "exp": 10**10}, KEY),
    }
    assert list(leaks_of_body(body, internal_names())) == []


def test_names_of_keys_and_tokens_may_hold_something_else() -> None:
    body = {"request_id": uuid4().hex, "category_id": "SKU-7", "access_token": "of another service"}
    assert list(leaks_of_body(body, frozenset({"request_id", "category_id"}))) == []


def test_what_is_plain_data_of_a_model_is_no_key_in_its_schemas() -> None:
    def table(name: str, *columns: Column[int]) -> Table:
        return Table(name, metadata, Column("id", Integer, primary_key=True), *columns)

    metadata = MetaData()
    models = {
        "User": table("users", Column("ids", Integer)),
        "Probe": table("probes", Column("user_id", Integer), Column("ids", Integer)),
        "ProbeToken": table("tokens", Column("user_id", ForeignKey("users.id"))),
    }
    for schema, internal in {
        "ProbeRead": {"id"},
        "ProbePage": {"id"},
        "ProbeTokenRead": {"id", "user_id", "ids"},
        "UserRead": {"id", "user_id"},
        "BulkRead": {"id", "user_id", "ids"},
    }.items():
        found = internal_among(models.values(), models, schema)
        assert found == {"hashed_password", *internal}, schema


@pytest.mark.parametrize(
    "line",
    ["to ada@example.org", f"got {jwt.encode({'sub': UNKNOWN}, KEY)}", "$argon2id$v=19$m", "hunter2 again"],
)
def test_secrets_in_lines_are_seen(line: str) -> None:
    assert len(list(leaks_of_log(["fine", line], ["hunter2 again"]))) == 1


def test_what_is_sent_under_a_secret_name_is_a_secret() -> None:
    sent = {"email": "a@example.org", "items": [{"client_secret": "long enough"}], "password": "short"}
    assert list(secrets_of(sent)) == ["long enough"]


async def test_every_app_and_every_line_is_seen(app: FastAPI, anonymous: AsyncClient, watch: Watch) -> None:
    seen = watch.responses
    await anonymous.post("/api/v1/auth/refresh", json={"refresh_token": "not a token at all"})
    structlog.get_logger().info("thing.happened", what="not a token at all")
    assert watch.responses == seen + 1
    assert [leak.partition(":")[0] for leak in watch.take()] == ["a secret in the log"]

    async def leaking(response: Response) -> dict[str, int]:
        response.headers["Location"] = "/things/7"
        return {"id": 7}

    other = FastAPI()
    other.add_api_route("/things", leaking, methods=["POST"])
    app.mount("/mounted", other)
    try:
        async with make_client(app, None) as client:
            assert (await client.post("/mounted/things")).json() == {"id": 7}
    finally:
        app.router.routes.pop()
    assert watch.take() == [
        "POST /mounted/things: Location /things/7",
        "POST /mounted/things: body.id is internal",
    ]
