"""Every sort and filter that a list offers is answered by an index: the plans of the statements say so."""

import datetime as dt
import json
import re
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import Executable, Select, String, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.expression import ClauseElement

from app.api.v1 import collect_routers
from app.core.config import Settings
from app.core.database import Database
from app.repositories.base import Repository
from app.repositories.keyset import KeysetRepository
from tests.app.databases import committed_copy
from tests.app.exercise import repositories

INDEXED_CHARACTERS = (2600 - 3 * 16) // 4
"""Longer text has no index of its own: an entry beside an owner, a time and a key would not fit into a page."""
VALUES: dict[type, Any] = {
    UUID: UUID(int=0),
    dt.datetime: dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    dt.date: dt.date(2026, 1, 1),
    dt.time: dt.time(1),
    Decimal: Decimal(0),
    str: "a",
    int: 1,
    float: 1.0,
    bool: True,
    object: 1,  # how many rows to pass over and to return
}


@pytest.fixture(scope="module")
async def unwritten(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    """A database nobody writes to: where rows came and went PostgreSQL counts none, and any plan is as good as another."""
    async with committed_copy(settings.database_url, tmp_path_factory.mktemp("unwritten")) as url:
        database = Database(settings.model_copy(update={"database_url": url}))
        yield database
        await database.close()


def lists() -> Iterator[type[Repository[Any]]]:
    collect_routers()  # imports every feature, wherever its files are
    # Users are listed by superusers only, who can wait for a scan: every sign-in would pay for the indexes.
    yield from (found for found in repositories() if found.sorts and found.title != "user")


class Explained(Executable, ClauseElement):
    """A statement behind EXPLAIN, with its parameters."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(Explained)
def _explain(element: Explained, compiler: Any, **options: Any) -> str:
    words = "EXPLAIN QUERY PLAN" if compiler.dialect.name == "sqlite" else "EXPLAIN (FORMAT JSON)"
    return f"{words} {compiler.process(element.statement, **options)}"


async def plan_of(connection: AsyncConnection, statement: Select[Any]) -> str:
    """The plan as text: for SQLite its lines, for PostgreSQL its JSON."""
    if connection.dialect.name not in ("sqlite", "postgresql"):
        pytest.skip("only the plans of SQLite and PostgreSQL are read")
    binds = statement.compile(dialect=connection.dialect).binds
    values = {name: _value(bind.type) for name, bind in binds.items() if bind.required}
    if connection.dialect.name == "sqlite":
        return "\n".join(row.detail for row in await connection.execute(Explained(statement), values))
    for cheap in ("enable_seqscan", "enable_sort"):  # as both are while a table is empty
        await connection.execute(text(f"SET LOCAL {cheap} = off"))
    return json.dumps((await connection.execute(Explained(statement), values)).scalar_one())


def _value(type_: Any) -> Any:
    kind = type_.python_type
    return next(iter(kind)) if issubclass(kind, Enum) else VALUES[kind]


def scoped(service: FastAPI, repository: type[Repository[Any]]) -> bool:
    """Whether callers list their own rows only: the rows have owners, and the list is neither public nor for superusers."""
    prefix = service.state.settings.api_prefix
    path = f"{prefix}/{repository.model.__tablename__.replace('_', '-')}"
    operation = service.openapi()["paths"][path]["get"]
    return repository.owner is not None and "security" in operation and "403" not in operation["responses"]


def too_wide(column: Any) -> bool:
    return isinstance(column.type, String) and (column.type.length or 10_000) > INDEXED_CHARACTERS


SORTS = [
    pytest.param(repository, sign + name, id=f"{repository.title}-{sign}{name}")
    for repository in lists()
    for name, column in repository.sorts.items()
    for sign in ("", "-")
    if not too_wide(column)
]
FILTERS = [
    pytest.param(repository, name, id=f"{repository.title}-{name}")
    for repository in lists()
    for name, condition in repository.filters.items()
    # Links are looked up in a table of their own, and their rows by the primary key.
    if name != "search" and not condition.left.primary_key and not too_wide(condition.left)
]
KEYS = [
    pytest.param(repository, column.key, id=f"{repository.title}-{column.key}")
    for repository in lists()
    for column in repository._table().c
    if column.foreign_keys and not column.unique and column.name != "owner_id"
]


@pytest.mark.parametrize(("repository", "sort"), SORTS)
async def test_a_list_is_read_in_order(
    shared_app: FastAPI, unwritten: Database, repository: type[Repository[Any]], sort: str
) -> None:
    owned, every = scoped(shared_app, repository), frozenset[str]()
    column = repository._table().c[repository.sorts[sort.removeprefix("-")].key]
    async with unwritten.engine.connect() as connection:
        if issubclass(repository, KeysetRepository):
            first = await plan_of(connection, repository._walk_statement(sort, owned, every, "first"))
            plan = await plan_of(connection, repository._walk_statement(sort, owned, every, "after value"))
            assert _in_order(first)
            # Nulls stand at one end of the list, and no database looks up both them and a range at once.
            assert column.nullable or _looks_up(plan, column.name), plan
        else:
            plan = await plan_of(connection, repository._page_statement(sort, owned, every))
    assert _in_order(plan), plan


def _in_order(plan: str) -> bool:
    rows, _, _ = plan.partition("SCALAR SUBQUERY")
    return "TEMP B-TREE FOR ORDER BY" not in rows and '"Node Type": "Sort"' not in plan


@pytest.mark.parametrize(("repository", "name"), FILTERS)
async def test_a_filter_looks_into_an_index(
    shared_app: FastAPI, unwritten: Database, repository: type[Repository[Any]], name: str
) -> None:
    condition = repository.filters[name]
    # Equalities stand before the owner, so that superusers, who have no scope, are served as well.
    owned = scoped(shared_app, repository) and condition.operator is not operators.eq
    statement = repository._count_statement(owned, frozenset({name}))
    async with unwritten.engine.connect() as connection:
        plan = await plan_of(connection, statement)
    assert _looks_up(plan, condition.left.name), plan


@pytest.mark.parametrize(("repository", "key"), KEYS)
async def test_the_rows_below_another_are_read_in_order(
    shared_app: FastAPI, unwritten: Database, repository: type[Repository[Any]], key: str
) -> None:
    owned, names = scoped(shared_app, repository), frozenset({key})
    if issubclass(repository, KeysetRepository):
        statement = repository._walk_statement("-created_at", owned, names, "first")
    else:
        statement = repository._page_statement("-created_at", owned, names)
    async with unwritten.engine.connect() as connection:
        plan = await plan_of(connection, statement)
    assert _in_order(plan), plan
    assert _looks_up(plan, repository._table().c[key].name), plan


def _looks_up(plan: str, column: str) -> bool:
    """Whether an index is asked for the column's value, rather than read from one end to the other."""
    conditions = [part.partition('"')[0] for part in plan.split('"Index Cond": "')[1:]]
    lookups = conditions or [line for line in plan.split("\n") if line.startswith("SEARCH")]
    return any(re.search(rf"\b{column}\b", lookup) for lookup in lookups)
