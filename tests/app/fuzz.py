"""Schemathesis over every operation of the OpenAPI document, in process: `python -m tests.app.fuzz REPORT.json`.

The same requests in every run, against a scratch database, with all checks on: no 5xx, no undeclared status, body or
header, no refusal of what the document allows, no acceptance of what it forbids, no route that ignores its token, right
answers to methods that are not there. The report is read by the gate `fuzz`.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import schemathesis
from fastapi import FastAPI
from schemathesis import Case, HookContext, Response
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.engine import Status, events, from_schema
from starlette.types import Receive, Scope, Send

from app.core.config import Settings
from app.core.context import Caller
from app.core.database import Database
from app.main import create_app
from app.repositories.callers import find_caller
from tests.app.databases import scratch_database
from tests.app.factories.user import login_session, make_user

EXAMPLES = 10
"""Random requests per operation, by a superuser: whom no route turns away before it has looked at what was sent.

Those that are derived one by one from the schemas, and chains of operations, are cheaper: a plain user sends them, too.
"""

BEYOND_JSON_SCHEMA = {
    "invalid",  # the database's word: an unknown reference, another password than the current one
    "value_error",  # a validator of ours: passwords that differ, NUL characters, addresses nobody can have
    "decimal_max_digits",
    "decimal_max_places",
    "url_parsing",  # more than `format: uri` is checked with
}
BOUNDS = {
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
}  # known for numbers, not for text


@dataclass(frozen=True)
class Finding:
    """What one check found at one operation; `reproduction` is a curl command."""

    operation: str
    check: str
    message: str
    status: int | None
    caller: str
    reproduction: str


@dataclass
class Report:
    """`errors` are requests that could not be made, `cases` those that were."""

    cases: int = 0
    operations: int = 0
    findings: list[Finding] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


async def fuzz() -> Report:
    """Both runs, one after the other: what a superuser changes would be in the way of the user."""
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        async with scratch_database(Path(folder)) as url:
            settings = Settings(
                environment="test",
                database_url=url,
                password_memory_kib=8,
                password_time_cost=1,
                rate_limit_enabled=False,
                log_level="error",
                _env_file=None,
            )
            database = Database(settings)
            callers = [await make_user(database), await make_user(database, is_superuser=True)]
            await database.close()
            for caller in callers:
                await asyncio.to_thread(_run, settings, caller, report)
    return report


class _SignedIn:
    """The app for a caller who is signed in again before each request: some end their own login session."""

    def __init__(self, app: FastAPI, caller: Caller) -> None:
        self._app = app
        self._caller = caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._sign_in()
        await self._app(scope, receive, send)

    async def _sign_in(self) -> None:
        database: Database = self._app.state.database
        public_id = self._caller.public_id
        async with database.reading() as session:
            signed_in = await find_caller(session, public_id, public_id)
        if not signed_in:
            async with database.writing() as session:
                session.add(login_session(self._caller))


def _run(settings: Settings, caller: Caller, report: Report) -> None:
    name = "a superuser" if caller.is_superuser else "a user"
    app = create_app(settings)
    token = app.state.tokens.issue(
        "access", subject=caller.public_id, session=caller.public_id, lifetime=timedelta(hours=1)
    )
    rejections = [400, 401, 403, 404, 405, 409, 413, 415, 422, 429]
    options: dict[str, Any] = {
        "auth": {"openapi": {"OAuth2PasswordBearer": {"bearer": token.encoded}}},
        "cache": {"enabled": False},
        "continue-on-failure": True,
        "generation": {"deterministic": True, "database": "none", "max-examples": EXAMPLES},
        "checks": {"enabled": True, "negative_data_rejection": {"expected-statuses": rejections}},
        "phases": {"fuzzing": {"enabled": caller.is_superuser}},
    }
    schema = schemathesis.openapi.from_asgi(
        "/openapi.json", _SignedIn(app, caller), config=SchemathesisConfig.from_dict(options)
    )
    schema.hook(filter_failure)
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            report.errors.append(f"{event.label} as {name}: {event.value}")
        elif isinstance(event, events.FatalError):
            report.errors.append(f"as {name}: {event.exception!r}")
        elif isinstance(event, events.ScenarioFinished):
            report.cases += len(event.recorder.interactions)
            report.findings += _findings(event, name)
    report.operations = schema.statistic.operations.total


def _findings(event: events.ScenarioFinished, caller: str) -> Iterator[Finding]:
    for case_id, checks in event.recorder.checks.items():
        answer = event.recorder.interactions[case_id].response
        for check in checks:
            if check.status == Status.FAILURE and check.failure_info is not None:
                failure = check.failure_info.failure
                yield Finding(
                    operation=failure.operation or event.recorder.cases[case_id].value.operation.label,
                    check=check.name,
                    message=f"{failure.title}: {failure.message}",
                    status=None if answer is None else int(answer.status_code),
                    caller=caller,
                    reproduction=check.failure_info.code_sample,
                )


def filter_failure(_context: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """Whether a failure counts: a request that the document allows may be refused for what no JSON Schema can say."""
    if "positive_data_acceptance" not in failure.checks or response.status_code != 422:
        return True
    return not all(_beyond_json_schema(error, case) for error in response.json()["errors"])


def _beyond_json_schema(error: dict[str, Any], case: Case[Any]) -> bool:
    if error["type"] in BOUNDS:
        where, *path = error["loc"]
        value: Any = case.query if where == "query" else case.body
        for part in path:
            value = value[part]
        return isinstance(value, str)
    return error["type"] in BEYOND_JSON_SCHEMA


def main() -> None:
    report = asyncio.run(fuzz())
    Path(sys.argv[1]).write_text(json.dumps(asdict(report), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
