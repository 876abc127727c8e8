"""Fills demo rows into the app's database through the app's own API, in process. In the child only.

What the API refuses cannot get in, and hand-written rules hold for demo rows, too. Tables that have rows are left alone.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response
from sqlalchemy import Table, func, insert, select, update

from mcp_server.workspace.errors import KitError, Problem


async def seed(account: dict[str, str], features: list[dict[str, Any]]) -> dict[str, Any]:
    """Make the account, a superuser, and the rows of each feature whose table is empty; the numbers by table.

    `account` is a body of the registration; a feature is `DemoRows` as JSON. KitError SEED002 when the database is not
    ready, SEED003 when the API refuses a row.
    """
    from app.core.config import get_settings
    from app.main import create_app

    settings = get_settings()
    # The limits are for strangers, and the name in the URL is made up.
    app = create_app(
        settings.model_copy(
            update={"rate_limit_enabled": False, "telemetry_enabled": False, "allowed_hosts": []}
        )
    )
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://seed") as client,
    ):
        ready = await client.get("/health/ready")
        if ready.status_code != 200:
            hint = "Run `kit migrate apply`, then seed again"
            raise KitError(Problem("SEED002", "DATABASE_URL", str(ready.json().get("detail")), hint))
        return await _Seeding(app, client, settings.api_prefix).run(account, features)


class _Seeding:
    def __init__(self, app: FastAPI, client: AsyncClient, prefix: str) -> None:
        from app.models import load_models

        self.app = app
        self.client = client
        self.prefix = prefix
        self.tables: Mapping[str, Table] = load_models().tables

    async def run(self, account: Mapping[str, str], features: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        made: dict[str, int] = {}
        left: dict[str, str] = {}
        await self._sign_in(account, made)
        try:
            await self._fill(features, made, left)
        finally:
            await self.client.post(f"{self.prefix}/auth/logout")
        return {"made": made, "left": left}

    async def _fill(
        self, features: Sequence[Mapping[str, Any]], made: dict[str, int], left: dict[str, str]
    ) -> None:
        for feature in features:
            name = feature["table"]
            if name not in self.tables:
                left[name] = "has no model any more"
            elif found := await self._count(self.tables[name]):
                left[name] = f"has {found} rows already"
            elif f"{self.prefix}{feature['path']}" not in self._creating:
                left[name] = "cannot be created through the API"
            elif missing := await self._missing(feature):
                left[name] = f"needs rows of {missing}"
            else:
                made[name] = await self._create(feature)

    @property
    def _creating(self) -> set[str]:
        return {path for path, item in self.app.openapi()["paths"].items() if "post" in item}

    async def _sign_in(self, account: Mapping[str, str], made: dict[str, int]) -> None:
        users = self.tables["users"]
        async with self.app.state.database.engine.begin() as connection:
            wanted = select(users.c.public_id).where(users.c.email == account["email"])
            public_id = (await connection.execute(wanted)).scalar()
        if public_id is None:
            _check(await self.client.post(f"{self.prefix}/users/register", json=account))
            async with self.app.state.database.engine.begin() as connection:
                await connection.execute(
                    update(users).where(users.c.email == account["email"]).values(is_superuser=True)
                )
                public_id = (await connection.execute(wanted)).scalar_one()
            made["users"] = 1
        # Without the password, which may have been changed since. Logging out takes the session away again.
        session, lifetime = uuid4(), timedelta(minutes=10)
        async with self.app.state.database.engine.begin() as connection:
            user = select(users.c.id).where(users.c.public_id == public_id).scalar_subquery()
            row = {"user_id": user, "token_id": uuid4(), "expires_at": datetime.now(UTC) + lifetime}
            await connection.execute(insert(self.tables["refresh_tokens"]).values(public_id=session, **row))
        issued = self.app.state.tokens.issue("access", subject=public_id, session=session, lifetime=lifetime)
        self.client.headers["Authorization"] = f"Bearer {issued.encoded}"

    async def _missing(self, feature: Mapping[str, Any]) -> str | None:
        for reference in feature["references"]:
            if reference["required"] and not await self._public_ids(reference["table"]):
                return str(reference["table"])
        return None

    async def _create(self, feature: Mapping[str, Any]) -> int:
        created = 0
        targets = {each["table"]: await self._public_ids(each["table"]) for each in feature["references"]}
        for number, body in enumerate(feature["bodies"]):
            row = dict(body)
            for reference in feature["references"]:
                if ids := targets[reference["table"]]:
                    one = ids[number % len(ids)]
                    row[reference["name"]] = [one] if reference["many"] else one
            answer = await self.client.post(f"{self.prefix}{feature['path']}", json=row)
            if answer.status_code != 409:  # a unique field has fewer values than there are rows
                _check(answer)
                created += 1
        return created

    async def _count(self, table: Table) -> int:
        async with self.app.state.database.engine.connect() as connection:
            return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())

    async def _public_ids(self, table: str) -> list[str]:
        column = self.tables[table].c.public_id
        async with self.app.state.database.engine.connect() as connection:
            rows = await connection.execute(select(column).order_by(self.tables[table].c.id).limit(100))
            return [str(public_id) for public_id in rows.scalars()]


def _check(answer: Response) -> None:
    if answer.status_code != 201:
        place = f"{answer.request.method} {answer.request.url.path}"
        hint = "Correct the service, or the spec in .kit/ledger that the row was made from"
        raise KitError(Problem("SEED003", place, f"answered {answer.status_code}: {answer.text[:300]}", hint))
