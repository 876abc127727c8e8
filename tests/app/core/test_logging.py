"""Log lines: their form, and what must never be in one."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from fastapi import FastAPI
from sqlalchemy import select, text

from app.core.config import Settings
from app.core.database import Database
from app.core.logging import configure_logging
from app.models.user import User
from tests.app.conftest import make_client
from tests.app.sign_in import ACCOUNT, LOGIN, LOGOUT, PASSWORD, bearer, log_in, register

WRONG = "wrong horse battery"
EMAIL = "ada.lovelace@example.org"


@pytest.fixture(autouse=True)
def configured_again(settings: Settings) -> Iterator[None]:
    yield
    configure_logging(settings)


def configure(settings: Settings, environment: str) -> None:
    configure_logging(settings.model_copy(update={"environment": environment}))


def test_production_writes_json(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    configure(settings, "production")
    structlog.get_logger().info("thing.happened", thing_id=7)
    logging.getLogger("some.library").warning("it %s", "rained")
    own, foreign = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert own == {"event": "thing.happened", "thing_id": 7, "level": "info", "timestamp": own["timestamp"]}
    assert (foreign["event"], foreign["level"]) == ("it rained", "warning")


def test_development_writes_for_people(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    configure(settings, "development")
    structlog.get_logger().warning("thing.happened", thing_id=7)
    (line,) = capsys.readouterr().err.splitlines()
    assert "thing.happened" in line
    assert "thing_id=7" in line


HOSTILE = "a\0\x1b[2J\r\n\x9b\u202eb"
WRITTEN_OUT = r"a\x00\x1b[2J\r\n\x9b\u202eb"


@pytest.mark.parametrize("environment", ["production", "development"])
async def test_no_path_reaches_the_terminal_as_it_was_sent(
    environment: str, app: FastAPI, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(settings, environment)
    async with make_client(app, None) as client:
        await client.get("/%1b%5b2J%00%0aforged")
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "request.finished" in line]
    assert line.isprintable()
    assert "forged" in line


def test_what_a_terminal_would_obey_is_written_out(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(settings, "development")
    structlog.get_logger().info("thing.happened", path=HOSTILE)
    logging.getLogger("some.library").warning("saw %s", HOSTILE)
    structlog.get_logger().error("thing.failed", exc_info=ValueError(HOSTILE.replace("\n", r"\n")))
    written = capsys.readouterr().err
    assert [line for line in written.split("\n") if not line.isprintable()] == []
    assert written.count(WRITTEN_OUT) == 3


def test_the_level_is_a_setting(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(settings.model_copy(update={"log_level": "warning"}))
    structlog.get_logger().info("thing.happened")
    logging.getLogger("some.library").info("rain")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("environment", ["production", "development"])
def test_tracebacks_show_no_variables(
    environment: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(settings, environment)
    hidden = "".join(["hun", "ter2"])
    try:
        int("x" if hidden else "y")
    except ValueError:
        structlog.get_logger().exception("thing.failed")
    written = capsys.readouterr().err
    assert "ValueError" in written
    assert "hunter2" not in written


@pytest.mark.parametrize(
    "name", ["password", "hashed_password", "access_token", "client_secret", "Authorization", "email"]
)
def test_secrets_are_blanked_by_name(
    name: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(settings, "production")
    structlog.get_logger().info("thing.happened", **{name: "hunter2"})
    assert json.loads(capsys.readouterr().err)[name] == "[redacted]"


@pytest.mark.parametrize("environment", ["production", "development"])
async def test_nothing_secret_is_logged_on_the_whole_way(
    environment: str, committing_app: FastAPI, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(settings.model_copy(update={"log_level": "debug"}), environment)
    database: Database = committing_app.state.database
    secrets = {PASSWORD, WRONG, EMAIL}
    registration = {"email": EMAIL, "password": PASSWORD, "confirm_password": PASSWORD}
    async with make_client(committing_app, None) as client:
        for expected in (201, 409):
            response = await client.post("/api/v1/users/register", json=registration)
            assert response.status_code == expected
        async with database.reading() as session:
            secrets.add((await session.execute(select(User.hashed_password))).scalar_one())
        refused = await client.post("/api/v1/auth/login", data={"username": EMAIL, "password": WRONG})
        assert refused.status_code == 401
        login = await client.post("/api/v1/auth/login", data={"username": EMAIL, "password": PASSWORD})
        secrets |= {login.json()["access_token"], login.json()["refresh_token"]}
        for expected in (200, 401):
            body = {"refresh_token": login.json()["refresh_token"]}
            renewed = await client.post("/api/v1/auth/refresh", json=body)
            assert renewed.status_code == expected
            secrets |= set(renewed.json().values()) if expected == 200 else set()
        login = await client.post("/api/v1/auth/login", data={"username": EMAIL, "password": PASSWORD})
        secrets |= {login.json()["access_token"], login.json()["refresh_token"]}
        client.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
        assert (await client.patch("/api/v1/users/me", json={"password": WRONG})).status_code == 422
        async with database.writing() as session:  # an error of the database, whose text holds the parameters
            await session.execute(text("ALTER TABLE users DROP COLUMN full_name"))
        broken = await client.post("/api/v1/users/register", json=registration)
        assert broken.status_code >= 500
    written = capsys.readouterr().err
    for event in ("user.registered", "auth.logged_in", "auth.login_refused", "auth.refresh_refused"):
        assert event in written
    secrets -= {"bearer", 900}
    assert [secret for secret in secrets if str(secret) in written] == []


async def test_what_a_user_does_is_logged_with_both_ids(
    committing_app: FastAPI, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(settings, "production")
    async with make_client(committing_app, None) as client:
        user = await register(client)
        refused = await client.post(LOGIN, data={"username": user["email"], "password": WRONG})
        assert refused.status_code == 401
        headers = bearer(await log_in(client, user["email"]))
        body = {"full_name": "Ada", "email": user["email"], "current_password": PASSWORD}
        assert (await client.patch(ACCOUNT, json=body, headers=headers)).status_code == 200
        headers = bearer(await log_in(client, user["email"]))
        assert (await client.post(LOGOUT, headers=headers)).status_code == 204
    written = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    told = {line["event"]: line for line in written if line["event"].startswith(("auth.", "user."))}
    assert told.keys() == {
        "user.registered",
        "user.updated",
        "auth.logged_in",
        "auth.login_refused",
        "auth.logged_out",
    }
    assert {line["user_public_id"] for line in told.values()} == {user["public_id"]}
    assert len({line["user_id"] for line in told.values()}) == 1
    assert told["user.updated"]["fields"] == ["email", "full_name"]
