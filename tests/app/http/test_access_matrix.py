"""Who may do what: every kind of caller at every operation of the OpenAPI document.

What is expected follows from the document: no security requirement means public, a declared 403 means that not
everybody with a token may. A new route is in here by itself.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import jwt
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.core.context import Caller
from app.core.database import Database
from app.core.tokens import Tokens
from tests.app.conftest import ClientFor
from tests.app.document import PROBLEM, Operation, operations
from tests.app.exercise import Exercise, Target
from tests.app.factories.user import make_user

GUARDED = [pytest.param(each, id=each.id) for each in operations() if not each.is_public]
ITEMS = {each.path: each for each in operations() if each.method == "GET"}
LISTS = [
    pytest.param(each, ITEMS[f"{each.path}/{{public_id}}"], id=each.id)
    for each in operations()
    if not each.is_public and each.method == "GET" and f"{each.path}/{{public_id}}" in ITEMS
]
PUBLIC = [pytest.param(each, id=each.id) for each in operations() if each.is_public]
KNOWN_PUBLIC = {"health_live", "health_ready", "register_user", "login", "refresh"}
FEATURE_PATHS = {each.path for each in operations() if each.is_public and each.id not in KNOWN_PUBLIC}

HOUR = timedelta(hours=1)


@pytest.fixture
def exercise(app: FastAPI, database: Database) -> Exercise:
    return Exercise(app, database)


def _token(
    app: FastAPI,
    caller: Caller,
    *,
    session: UUID | None = None,
    lifetime: timedelta = HOUR,
    kind: str = "access",
) -> str:
    issue = app.state.tokens.issue
    session = session or caller.public_id
    return str(issue(kind, subject=caller.public_id, session=session, lifetime=lifetime).encoded)


async def _none_algorithm(app: FastAPI, caller: Caller) -> str:
    claims = jwt.decode(_token(app, caller), options={"verify_signature": False})
    return jwt.encode(claims, "", algorithm="none")


async def _wrong_audience(app: FastAPI, caller: Caller) -> str:
    settings = app.state.settings
    others = Tokens(
        secret=settings.secret_key.get_secret_value(), issuer=settings.token_issuer, audience="another"
    )
    return others.issue("access", subject=caller.public_id, session=caller.public_id, lifetime=HOUR).encoded


async def _expired(app: FastAPI, caller: Caller) -> str:
    return _token(app, caller, lifetime=-HOUR)


async def _refresh(app: FastAPI, caller: Caller) -> str:
    return _token(app, caller, kind="refresh")


async def _foreign_secret(app: FastAPI, caller: Caller) -> str:
    claims = jwt.decode(_token(app, caller), options={"verify_signature": False})
    return jwt.encode(claims, "another secret of at least 32 bytes")


async def _disabled(app: FastAPI, _caller: Caller) -> str:
    return _token(app, await make_user(app.state.database, is_active=False))


async def _unknown(app: FastAPI, _caller: Caller) -> str:
    return _token(app, Caller(id=0, public_id=uuid4(), is_superuser=False))


async def _session_over(app: FastAPI, caller: Caller) -> str:
    return _token(app, caller, session=uuid4())


async def _foreign_session(app: FastAPI, caller: Caller) -> str:
    return _token(app, caller, session=(await make_user(app.state.database)).public_id)


WORTHLESS: dict[str, Callable[[FastAPI, Caller], Awaitable[str]]] = {
    "expired": _expired,
    "none-algorithm": _none_algorithm,
    "wrong-audience": _wrong_audience,
    "foreign-secret": _foreign_secret,
    "refresh-as-access": _refresh,
    "disabled": _disabled,
    "unknown": _unknown,
    "session-over": _session_over,
    "foreign-session": _foreign_session,
}


@pytest.mark.parametrize("operation", GUARDED)
async def test_nobody_without_a_valid_token(
    operation: Operation, app: FastAPI, exercise: Exercise, superuser: Caller, anonymous: AsyncClient
) -> None:
    assert 401 in operation.statuses
    target = await exercise.target(operation, superuser)
    body = await exercise.body(operation, superuser)
    tokens = {name: await token(app, superuser) for name, token in WORTHLESS.items()}
    for name, token in {**tokens, "anonymous": ""}.items():
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        anonymous.headers = headers
        response = await exercise.send(anonymous, operation, target=target, body=body)
        assert response.status_code == 401, f"{name}: {response.text}"
        assert response.headers["www-authenticate"] == "Bearer", name
        assert response.headers["content-type"] == PROBLEM, name


@pytest.mark.parametrize("operation", GUARDED)
async def test_what_callers_may_do(
    operation: Operation,
    exercise: Exercise,
    caller: Caller,
    stranger: Caller,
    superuser: Caller,
    client_for: ClientFor,
) -> None:
    for who, acting in (("owner", caller), ("other", stranger), ("superuser", superuser)):
        target = await exercise.target(operation, caller)
        body = await exercise.body(operation, acting)
        async with client_for(acting) as client:
            response = await exercise.send(client, operation, target=target, body=body)
        assert response.status_code in expected(operation, who, target), f"{who}: {response.text}"
        assert response.status_code in operation.statuses, f"{who}: undeclared"
        if response.status_code >= 400:
            assert response.headers["content-type"] == PROBLEM


def expected(operation: Operation, who: str, target: Target | None) -> set[int]:
    """The statuses that are right; several only where the document leaves it open whose the right is."""
    owned = target is not None and target.owned
    if who == "superuser":
        return {operation.success}
    if 403 in operation.statuses:
        return {operation.success, 403} if who == "owner" and owned else {403}
    if who == "other" and owned and not _readable(operation):
        return {404}
    return {operation.success}


def _readable(operation: Operation) -> bool:
    """Whether everybody may read the row that the path leads to."""
    return any(operation.path.startswith(path) for path in FEATURE_PATHS if path.endswith("}"))


@pytest.mark.parametrize("operation", PUBLIC)
async def test_public_routes_ask_for_nobody(
    operation: Operation, app: FastAPI, exercise: Exercise, caller: Caller, anonymous: AsyncClient
) -> None:
    tokens = {name: await token(app, caller) for name, token in WORTHLESS.items()}
    for name, token in {**tokens, "anonymous": "", "owner": _token(app, caller)}.items():
        target = await exercise.target(operation, caller)
        body = await exercise.body(operation, caller)
        anonymous.headers = {"Authorization": f"Bearer {token}"} if token else {}
        response = await exercise.send(anonymous, operation, target=target, body=body)
        assert response.status_code == operation.success, f"{name}: {response.text}"


@pytest.mark.parametrize(("operation", "item"), LISTS)
async def test_lists_hold_only_what_the_caller_may_read(
    operation: Operation,
    item: Operation,
    exercise: Exercise,
    caller: Caller,
    stranger: Caller,
    client_for: ClientFor,
) -> None:
    target = await exercise.target(item, caller)
    assert target is not None
    async with client_for(stranger) as client:
        response = await exercise.send(client, operation, target=None, body=None)
    assert (str(target.public_id) in response.text) is (not target.owned and response.status_code == 200)


def test_public_routes_are_no_accident() -> None:
    """Outside the features, whose specs say it, every public route is named here."""
    by_hand = {
        each.id for each in operations() if each.is_public and each.resource not in _feature_resources()
    }
    assert by_hand == KNOWN_PUBLIC


def _feature_resources() -> set[str]:
    return {each.path.split("/")[-2] for each in operations() if each.path.endswith("/{public_id}")} - {
        "users"
    }
