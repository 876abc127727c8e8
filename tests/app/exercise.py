"""A valid request for every operation of the OpenAPI document: rows for its path, values for its body.

Features bring their own: the factory beside each repository. What is written by hand says here what it takes; an
operation that nobody has taught this module fails the tests that go through all of them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from app.api.v1 import collect_routers
from app.core.config import get_settings
from app.core.context import Caller
from app.core.database import Database
from app.repositories.base import Repository
from app.repositories.keyset import KeysetRepository
from tests.app.conftest import make_client
from tests.app.document import Operation
from tests.app.factories import numbers
from tests.app.factories.user import make_user

PREFIX = get_settings().api_prefix
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Target:
    """The row that a path leads to."""

    public_id: UUID
    owned: bool


class Exercise:
    """Makes rows in the test's database and sends requests to the app."""

    def __init__(self, app: FastAPI, database: Database) -> None:
        self._app = app
        self._database = database

    async def target(self, operation: Operation, owner: Caller) -> Target | None:
        """A row for the path, `owner`'s where rows have owners; None for a path without one."""
        parts = operation.path.split("/")
        variables = [index for index, part in enumerate(parts) if part.startswith("{")]
        if not variables:
            return None
        assert len(variables) == 1, f"teach {__name__} about {operation.path}: it leads to several rows"
        resource = parts[variables[0] - 1]
        if resource == "users":
            return Target((await make_user(self._database)).public_id, owned=False)
        row = await _maker(resource, "make")(self._database, owner)
        return Target(row.public_id, owned=hasattr(row, "owner_public_id"))

    async def body(self, operation: Operation, caller: Caller) -> Any:
        """A valid body; None for an operation that takes none."""
        if operation.media_type is None:
            return None
        if operation.id in _BODIES:
            return await _BODIES[operation.id](self._app)
        if operation.method == "PATCH":
            return {}
        body = await _maker(operation.resource, "body")(self._database, caller)
        if operation.path.endswith("/bulk"):
            return {"items": [body]}
        return {name: value for name, value in body.items() if name in operation.body["properties"]}

    async def send(
        self, client: AsyncClient, operation: Operation, *, target: Target | None, body: Any
    ) -> Response:
        sent = {"data" if operation.media_type == "application/x-www-form-urlencoded" else "json": body}
        url = path_of(operation, target.public_id if target else "")
        return await client.request(operation.method, url, **(sent if body is not None else {}))


def path_of(operation: Operation, public_id: object) -> str:
    """The path with a value in the place of its variable."""
    return "/".join(str(public_id) if part.startswith("{") else part for part in operation.path.split("/"))


def _maker(resource: str, kind: str) -> Callable[[Database, Caller], Awaitable[Any]]:
    """`make_product` or `product_body` for the resource `products`."""
    feature = _features().get(resource)
    assert feature, f"teach {__name__} about {resource}: no repository has a table of that name"
    factory = import_module(f"tests.app.factories.{feature}")
    # pytest would take `test_run_body` for a test: such features have `body_of_test_run`.
    names = (f"make_{feature}",) if kind == "make" else (f"{feature}_body", f"body_of_{feature}")
    made: Callable[[Database, Caller], Awaitable[Any]]
    made = next(getattr(factory, name) for name in names if hasattr(factory, name))
    return made


def _features() -> dict[str, str]:
    """The feature of every resource: repositories know their tables and what a row is called."""
    collect_routers()  # they import the services, and those their repositories
    return {
        each.model.__tablename__.replace("_", "-"): each.title.replace(" ", "_") for each in repositories()
    }


def repositories() -> list[type[Repository[Any]]]:
    """Every repository of a table, those that list by cursor too."""
    found: list[type[Repository[Any]]] = [*Repository.__subclasses__(), *KeysetRepository.__subclasses__()]
    return [each for each in found if hasattr(each, "model") and not each.__module__.startswith("tests.")]


async def _registration(_app: FastAPI) -> dict[str, str]:
    address = f"exercise-{next(numbers)}@example.org"
    return {"email": address, "password": PASSWORD, "confirm_password": PASSWORD}


async def _login(app: FastAPI) -> dict[str, str]:
    registration = await _registration(app)
    async with make_client(app, None) as client:
        assert (await client.post(f"{PREFIX}/users/register", json=registration)).status_code == 201
    return {"username": registration["email"], "password": PASSWORD}


async def _refresh(app: FastAPI) -> dict[str, str]:
    form = await _login(app)
    async with make_client(app, None) as client:
        pair = (await client.post(f"{PREFIX}/auth/login", data=form)).json()
    return {"refresh_token": pair["refresh_token"]}


_BODIES: dict[str, Callable[[FastAPI], Awaitable[dict[str, str]]]] = {
    "register_user": _registration,
    "login": _login,
    "refresh": _refresh,
}
