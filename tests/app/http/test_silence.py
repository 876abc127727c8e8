"""What routes that take addresses and passwords must not tell: the same answer after the same work, whoever exists.

Work is counted in hashes and statements, which no load on the machine changes; the benchmark measures the time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from sqlalchemy import event, update

from app.core.context import Caller
from app.core.database import Database
from app.core.passwords import Passwords
from app.models.user import User
from tests.app.factories.user import make_user

LOGIN, REGISTER, ME = "/api/v1/auth/login", "/api/v1/users/register", "/api/v1/users/me"
PASSWORD, WRONG = "correct horse battery", "wrong horse battery"
EXISTS, UNKNOWN, DISABLED, UNUSABLE = (
    f"{name}@example.org" for name in ("exists", "unknown", "disabled", "unusable")
)


@dataclass
class Work:
    """What a request has cost: its statements, and the password hashes that were made or checked."""

    statements: list[str] = field(default_factory=list)
    hashes: int = 0

    def take(self) -> tuple[tuple[str, ...], int]:
        taken = tuple(each for each in self.statements if "SAVEPOINT" not in each), self.hashes
        self.statements.clear()
        self.hashes = 0
        return taken


@pytest.fixture
def work(app: FastAPI, shared_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    counted = Work()
    run = Passwords._run

    async def run_counted(passwords: Passwords, work: Any) -> Any:
        counted.hashes += 1
        return await run(passwords, work)

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        counted.statements.append(statement)

    monkeypatch.setattr(Passwords, "_run", run_counted)
    event.listen(shared_database.engine.sync_engine, "before_cursor_execute", note)
    yield counted
    event.remove(shared_database.engine.sync_engine, "before_cursor_execute", note)


@pytest.fixture(autouse=True)
async def people(app: FastAPI, database: Database) -> None:
    hashed = await app.state.passwords.hash(PASSWORD)
    for email, stored in ((EXISTS, hashed), (DISABLED, hashed), (UNUSABLE, "!")):
        user = await make_user(database, is_active=email != DISABLED)
        values = {"email": email, "hashed_password": stored}
        async with database.writing() as session:
            await session.execute(update(User).where(User.id == user.id).values(**values))


def told(response: Response) -> tuple[int, dict[str, Any], set[str]]:
    """All that an answer says, but for what is new in each."""
    said = {name: value for name, value in response.json().items() if name != "request_id"}
    return response.status_code, said, set(response.headers)


async def test_a_refused_login(anonymous: AsyncClient, work: Work) -> None:
    answers, costs = [], []
    for email, password in ((EXISTS, WRONG), (UNKNOWN, WRONG), (DISABLED, PASSWORD), (UNUSABLE, "!")):
        work.take()
        answers.append(told(await anonymous.post(LOGIN, data={"username": email, "password": password})))
        costs.append(work.take())
    assert answers == [answers[0]] * 4
    assert answers[0][0] == 401
    assert costs == [costs[0]] * 4
    assert (len(costs[0][0]), costs[0][1]) == (1, 1)


async def test_a_registration_costs_the_same_whether_the_address_is_taken(
    anonymous: AsyncClient, work: Work
) -> None:
    costs = []
    for email, status in ((UNKNOWN, 201), (EXISTS, 409), (DISABLED, 409)):
        work.take()
        body = {"email": email, "password": PASSWORD, "confirm_password": PASSWORD}
        assert (await anonymous.post(REGISTER, json=body)).status_code == status
        costs.append(work.take())
    assert costs == [costs[0]] * 3
    assert costs[0][1] == 1


@pytest.mark.parametrize("changes", [{}, {"password": WRONG}, {"email": "no address"}], ids=str)
async def test_an_invalid_registration_says_nothing_of_the_address(
    changes: dict[str, str], anonymous: AsyncClient
) -> None:
    body = {"password": PASSWORD, "confirm_password": "another", **changes}
    answers = [
        told(await anonymous.post(REGISTER, json={"email": email, **body})) for email in (EXISTS, UNKNOWN)
    ]
    assert answers[0] == answers[1]
    assert answers[0][0] == 422


@pytest.mark.parametrize("current", [{}, {"current_password": WRONG}], ids=["none", "wrong"])
async def test_a_change_of_address_tells_nothing_before_the_password_is_right(
    current: dict[str, str], client: AsyncClient, caller: Caller, work: Work
) -> None:
    answers, costs = [], []
    for email in (EXISTS, UNKNOWN):
        work.take()
        answers.append(told(await client.patch(ME, json={"email": email, **current})))
        costs.append(work.take())
    assert answers[0] == answers[1]
    assert answers[0][0] == 422
    assert costs[0] == costs[1]
