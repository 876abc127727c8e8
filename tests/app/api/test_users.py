"""Registration, the own account, and the routes of superusers."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import select

from app.core.context import Caller
from app.core.database import Database
from app.models.user import User
from tests.app.conftest import make_client
from tests.app.factories import numbers
from tests.app.factories.user import make_user

PASSWORD = "correct horse battery"
READ_FIELDS = {"public_id", "email", "full_name", "is_active", "created_at", "updated_at"}


def registration(**changes: Any) -> dict[str, Any]:
    return {
        "email": f"new-{next(numbers)}@example.org",
        "password": PASSWORD,
        "confirm_password": PASSWORD,
    } | changes


async def log_in(client: AsyncClient, email: str, password: str = PASSWORD) -> int:
    response = await client.post("/api/v1/auth/login", data={"username": email, "password": password})
    return response.status_code


async def signed_in(client: AsyncClient, email: str) -> dict[str, str]:
    response = await client.post("/api/v1/auth/login", data={"username": email, "password": PASSWORD})
    return {"Authorization": f"Bearer {response.json()['access_token']}"}


async def register(client: AsyncClient, **changes: Any) -> dict[str, Any]:
    response = await client.post("/api/v1/users/register", json=registration(**changes))
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body


class TestRegister:
    async def test_creates_a_user(self, anonymous: AsyncClient, database: Database) -> None:
        body = await register(anonymous, email="Ada.Lovelace@Example.ORG", full_name="Ada")
        assert set(body) == READ_FIELDS
        assert UUID(body["public_id"]).version == 4
        assert (body["email"], body["full_name"], body["is_active"]) == (
            "ada.lovelace@example.org",
            "Ada",
            True,
        )
        async with database.reading() as session:
            hashed = (await session.execute(select(User.hashed_password))).scalar_one()
        assert hashed.startswith("$argon2id$")

    @pytest.mark.parametrize("spelling", ["taken@example.org", "TAKEN@Example.Org"])
    async def test_refuses_a_taken_address_in_any_spelling(
        self, anonymous: AsyncClient, spelling: str
    ) -> None:
        await register(anonymous, email="taken@example.org")
        response = await anonymous.post("/api/v1/users/register", json=registration(email=spelling))
        assert response.status_code == 409
        assert response.json()["detail"] == "another user with this email exists"

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"email": "not an address"}, "email"),
            ({"email": f"{'x' * 250}@example.org"}, "email"),
            ({"email": None}, "email"),
            ({"password": "short", "confirm_password": "short"}, "password"),
            ({"password": "x" * 129, "confirm_password": "x" * 129}, "password"),
            ({"confirm_password": "something else"}, "confirm_password"),
            ({"full_name": ""}, "full_name"),
            ({"full_name": "x" * 256}, "full_name"),
            ({"full_name": "nul \0 byte"}, "full_name"),
            ({"email": "nul\0@example.org"}, "email"),
            ({"password": "nul \0 nul \0", "confirm_password": "nul \0 nul \0"}, "password"),
            ({"is_superuser": True}, "is_superuser"),
            ({"id": 1}, "id"),
        ],
    )
    async def test_refuses_invalid_values(
        self, anonymous: AsyncClient, changes: dict[str, Any], field: str
    ) -> None:
        response = await anonymous.post("/api/v1/users/register", json=registration(**changes))
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"
        assert ["body", field] in [error["loc"] for error in response.json()["errors"]]

    @pytest.mark.parametrize("field", ["email", "password", "full_name"])
    async def test_refuses_lone_surrogates(self, anonymous: AsyncClient, field: str) -> None:
        text = '{"email": "e@example.org", "password": "long enough", "confirm_password": "long enough", "full_name": "n"}'
        body = text.replace(f'"{field}": "', f'"{field}": "\\ud800')
        response = await anonymous.post(
            "/api/v1/users/register", content=body, headers={"Content-Type": "application/json"}
        )
        assert response.status_code == 422

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"null", b"[]", b'"text"', b"[" * 5000])
    async def test_refuses_what_is_not_a_registration(self, anonymous: AsyncClient, body: bytes) -> None:
        response = await anonymous.post(
            "/api/v1/users/register", content=body, headers={"Content-Type": "application/json"}
        )
        assert response.status_code in {400, 422}

    async def test_the_answer_repeats_no_password(self, anonymous: AsyncClient) -> None:
        response = await anonymous.post(
            "/api/v1/users/register", json=registration(password="hunter2 hunter2", email="no")
        )
        assert response.status_code == 422
        assert "hunter2" not in response.text

    async def test_twelve_at_once_for_one_address(self, committing_app: FastAPI) -> None:
        async with make_client(committing_app, None) as client:
            responses = await asyncio.gather(
                *(
                    client.post("/api/v1/users/register", json=registration(email=email))
                    for email in ["race@example.org", "RACE@example.org"] * 6
                )
            )
            statuses = sorted(response.status_code for response in responses)
            assert statuses == [201] + [409] * 11
            assert await log_in(client, "race@example.org") == 200


class TestMe:
    async def test_read(self, client: AsyncClient, caller: Caller) -> None:
        response = await client.get("/api/v1/users/me")
        assert response.status_code == 200
        assert set(response.json()) == READ_FIELDS
        assert response.json()["public_id"] == str(caller.public_id)

    async def test_change_the_name(self, client: AsyncClient) -> None:
        before = (await client.get("/api/v1/users/me")).json()
        response = await client.patch("/api/v1/users/me", json={"full_name": "Grace"})
        assert response.status_code == 200
        after = response.json()
        assert after == before | {"full_name": "Grace", "updated_at": after["updated_at"]}
        assert after["updated_at"] > before["updated_at"]
        assert (await client.get("/api/v1/users/me")).json() == after

    async def test_an_empty_change_changes_nothing(self, client: AsyncClient) -> None:
        before = (await client.get("/api/v1/users/me")).json()
        assert (await client.patch("/api/v1/users/me", json={})).json() == before

    @pytest.mark.parametrize(
        "body",
        [
            {"email": None},
            {"is_superuser": True},
            {"is_active": False},
            {"public_id": str(uuid4())},
            {"full_name": "\0"},
        ],
    )
    async def test_refuses_what_users_may_not_change(self, client: AsyncClient, body: dict[str, Any]) -> None:
        assert (await client.patch("/api/v1/users/me", json=body)).status_code == 422

    @pytest.mark.parametrize("change", [{"email": "elsewhere@example.org"}, {"password": "a new password"}])
    @pytest.mark.parametrize("current", [{}, {"current_password": "wrong"}], ids=["none", "wrong"])
    async def test_guarded_changes_need_the_current_password(
        self, anonymous: AsyncClient, change: dict[str, str], current: dict[str, str]
    ) -> None:
        body = await register(anonymous)
        headers = await signed_in(anonymous, body["email"])
        response = await anonymous.patch("/api/v1/users/me", json=change | current, headers=headers)
        assert response.status_code == 422
        assert [error["loc"] for error in response.json()["errors"]] == [["body", "current_password"]]
        assert await log_in(anonymous, body["email"]) == 200

    async def test_change_the_password(self, anonymous: AsyncClient) -> None:
        body = await register(anonymous)
        login = await anonymous.post(
            "/api/v1/auth/login", data={"username": body["email"], "password": PASSWORD}
        )
        tokens = login.json()
        response = await anonymous.patch(
            "/api/v1/users/me",
            json={"password": "a new password", "current_password": PASSWORD},
            headers={"Authorization": f"Bearer {tokens['access_token']}"},
        )
        assert response.status_code == 200
        assert await log_in(anonymous, body["email"]) == 401
        assert await log_in(anonymous, body["email"], "a new password") == 200
        renewed = await anonymous.post(
            "/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]}
        )
        assert renewed.status_code == 401

    @pytest.mark.parametrize("further", [{}, {"full_name": "Grace"}], ids=["alone", "with a name"])
    async def test_a_new_password_answers_with_the_row_as_it_is_kept(
        self, further: dict[str, str], anonymous: AsyncClient, superuser_client: AsyncClient
    ) -> None:
        body = await register(anonymous)
        login = await anonymous.post(
            "/api/v1/auth/login", data={"username": body["email"], "password": PASSWORD}
        )
        response = await anonymous.patch(
            "/api/v1/users/me",
            json={"password": "a new password", "current_password": PASSWORD, **further},
            headers={"Authorization": f"Bearer {login.json()['access_token']}"},
        )
        kept = (await superuser_client.get(f"/api/v1/users/{body['public_id']}")).json()
        assert response.json() == {name: kept[name] for name in READ_FIELDS}
        assert kept["updated_at"] > body["updated_at"]

    async def test_change_the_address(self, anonymous: AsyncClient) -> None:
        taken, body = await register(anonymous), await register(anonymous)
        headers = await signed_in(anonymous, body["email"])
        change = {"email": taken["email"].upper(), "current_password": PASSWORD}
        refused = await anonymous.patch("/api/v1/users/me", json=change, headers=headers)
        assert refused.status_code == 409
        change["email"] = "Moved@Example.org"
        response = await anonymous.patch("/api/v1/users/me", json=change, headers=headers)
        assert response.json()["email"] == "moved@example.org"
        assert await log_in(anonymous, "moved@example.org") == 200
        assert await log_in(anonymous, body["email"]) == 401

    async def test_disabled_and_deleted_users_are_nobody(
        self, app: FastAPI, database: Database, superuser_client: AsyncClient
    ) -> None:
        disabled = await make_user(database, is_active=False)
        deleted = await make_user(database)
        assert (await superuser_client.delete(f"/api/v1/users/{deleted.public_id}")).status_code == 204
        for user in (disabled, deleted):
            async with make_client(app, user) as client:
                for method in ("GET", "PATCH"):
                    response = await client.request(method, "/api/v1/users/me", json={"full_name": "x"})
                    assert response.status_code in {401, 404}


SUPERUSER_ROUTES = [("GET", ""), ("GET", "/{}"), ("PATCH", "/{}"), ("DELETE", "/{}")]


class TestSuperuser:
    @pytest.mark.parametrize(("method", "path"), SUPERUSER_ROUTES)
    async def test_is_required(
        self, method: str, path: str, anonymous: AsyncClient, client: AsyncClient, stranger: Caller
    ) -> None:
        url = "/api/v1/users" + path.format(stranger.public_id)
        body: dict[str, str] | None = {} if method == "PATCH" else None
        refused = await anonymous.request(method, url, json=body)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert (await client.request(method, url, json=body)).status_code == 403

    async def test_list(self, superuser_client: AsyncClient, database: Database) -> None:
        users = [await make_user(database, is_active=active) for active in (True, True, False)]
        response = await superuser_client.get("/api/v1/users", params={"limit": 2, "sort": "-created_at"})
        page = response.json()
        assert (page["total"], page["page"], page["size"], page["pages"]) == (4, 1, 2, 2)
        assert [item["public_id"] for item in page["items"]] == [str(user.public_id) for user in users[:0:-1]]
        assert set(page["items"][0]) == READ_FIELDS | {"is_superuser"}

    @pytest.mark.parametrize(
        ("params", "found"),
        [
            ({"is_active": "false"}, ["b"]),
            ({"is_superuser": "false", "sort": "email"}, ["a", "b"]),
            ({"search": "B@"}, ["b"]),
            ({"search": "%"}, []),
            ({"sort": "-email", "is_superuser": "false"}, ["b", "a"]),
            ({"skip": 10}, []),
        ],
    )
    async def test_filters(
        self, params: dict[str, Any], found: list[str], superuser_client: AsyncClient, database: Database
    ) -> None:
        async with database.writing() as session:
            session.add(User(email="a@example.org", hashed_password="!"))
            session.add(User(email="b@example.org", hashed_password="!", is_active=False))
        page = (await superuser_client.get("/api/v1/users", params=params)).json()
        assert [item["email"].partition("@")[0] for item in page["items"]] == found

    @pytest.mark.parametrize(
        "params",
        [
            {"limit": 0},
            {"limit": 101},
            {"limit": 10**6},
            {"skip": -1},
            {"skip": 2**63},
            {"sort": "hashed_password"},
            {"sort": ""},
            {"search": "\0"},
            {"unknown": "x"},
            {"is_active": "perhaps"},
        ],
    )
    async def test_refuses_bad_queries(self, params: dict[str, Any], superuser_client: AsyncClient) -> None:
        assert (await superuser_client.get("/api/v1/users", params=params)).status_code == 422

    async def test_read(self, superuser_client: AsyncClient, stranger: Caller) -> None:
        response = await superuser_client.get(f"/api/v1/users/{stranger.public_id}")
        assert response.json()["public_id"] == str(stranger.public_id)
        assert (await superuser_client.get(f"/api/v1/users/{uuid4()}")).status_code == 404
        assert (await superuser_client.get("/api/v1/users/1")).status_code == 422

    async def test_update(self, superuser_client: AsyncClient, stranger: Caller, caller: Caller) -> None:
        url = f"/api/v1/users/{stranger.public_id}"
        response = await superuser_client.patch(url, json={"full_name": "Renamed", "is_superuser": True})
        assert (response.json()["full_name"], response.json()["is_superuser"]) == ("Renamed", True)
        assert (await superuser_client.get(url)).json() == response.json()
        other = (await superuser_client.get(f"/api/v1/users/{caller.public_id}")).json()
        assert (await superuser_client.patch(url, json={"email": other["email"]})).status_code == 409
        assert (await superuser_client.patch(url, json={"password": PASSWORD})).status_code == 422
        assert (await superuser_client.patch(f"/api/v1/users/{uuid4()}", json={})).status_code == 404

    async def test_disabling_ends_the_login_sessions(
        self, superuser_client: AsyncClient, anonymous: AsyncClient
    ) -> None:
        body = await register(anonymous)
        form = {"username": body["email"], "password": PASSWORD}
        tokens = (await anonymous.post("/api/v1/auth/login", data=form)).json()
        url = f"/api/v1/users/{body['public_id']}"
        assert (await superuser_client.patch(url, json={"is_active": False})).status_code == 200
        assert (await superuser_client.patch(url, json={"is_active": True})).status_code == 200
        renewed = await anonymous.post(
            "/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]}
        )
        assert renewed.status_code == 401

    @pytest.mark.parametrize("change", [{"is_active": False}, {"is_superuser": False}])
    async def test_cannot_lock_themselves_out(
        self, change: dict[str, bool], superuser_client: AsyncClient, superuser: Caller
    ) -> None:
        url = f"/api/v1/users/{superuser.public_id}"
        assert (await superuser_client.patch(url, json=change)).status_code == 403
        assert (await superuser_client.delete(url)).status_code == 403
        assert (await superuser_client.get(url)).json()["is_superuser"] is True

    async def test_a_key_is_never_given_again(
        self, superuser_client: AsyncClient, database: Database
    ) -> None:
        """Another process may remember the deleted user by it."""
        gone = await make_user(database)
        assert (await superuser_client.delete(f"/api/v1/users/{gone.public_id}")).status_code == 204
        assert (await make_user(database)).id > gone.id

    async def test_delete(self, superuser_client: AsyncClient, anonymous: AsyncClient) -> None:
        body = await register(anonymous)
        assert await log_in(anonymous, body["email"]) == 200  # a login session does not keep its user
        url = f"/api/v1/users/{body['public_id']}"
        response = await superuser_client.delete(url)
        assert (response.status_code, response.content) == (204, b"")
        assert (await superuser_client.get(url)).status_code == 404
        assert (await superuser_client.delete(url)).status_code == 404
        assert await log_in(anonymous, body["email"]) == 401

    @pytest.mark.parametrize("change", [{"is_superuser": False}, {"is_active": False}, None], ids=str)
    async def test_two_who_remove_each_other_leave_one(
        self, change: dict[str, bool] | None, committing_app: FastAPI
    ) -> None:
        pair = [await make_user(committing_app.state.database, is_superuser=True) for _ in range(2)]

        async def remove(acting: Caller, other: Caller) -> int:
            url = f"/api/v1/users/{other.public_id}"
            async with make_client(committing_app, acting) as client:
                response = await (client.patch(url, json=change) if change else client.delete(url))
            return response.status_code

        statuses = await asyncio.gather(remove(*pair), remove(*pair[::-1]))
        assert min(statuses) in {200, 204}
        assert max(statuses) in {401, 403}
