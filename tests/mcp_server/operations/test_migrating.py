"""From a change of a feature to the changed database: what a plan shows is what every later process does."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mcp_server.migrations.plan import plan
from mcp_server.migrations.results import MigrationPlan
from mcp_server.operations.context import Context
from mcp_server.operations.registry import OPERATIONS, perform
from mcp_server.operations.seeding import seed
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace

PRODUCT: dict[str, Any] = {
    "feature": "product",
    "drop": ["sku"],
    "add": ["weight:decimal(8,2) >0"],
    "fill": {"weight": "1.50"},
    "rename": {"description": "details"},
    "change": ["name:string(2..200) index"],
}
REVIEW: dict[str, Any] = {
    "feature": "review",
    "drop": ["body"],
    "add": ["helpful:int=0 >=0"],
    "rename": {"title": "headline"},
    "change": ["rating:bigint index >=1 <=5"],
}


def workspace_of(root: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{root}/app.db")
    return Workspace.open(root)


async def planned(workspace: Workspace) -> MigrationPlan:
    """As a process of its own sees it."""
    child = WarmChild(workspace)
    try:
        return await plan(workspace, child, prove=False)
    finally:
        await child.close()


async def did(workspace: Workspace, operation: str, request: dict[str, Any]) -> Any:
    """An operation in processes of its own, as `kit` does it."""
    child = WarmChild(workspace)
    try:
        return await perform(OPERATIONS[operation], Context(workspace, child), request)
    finally:
        await child.close()


async def test_every_process_writes_the_same_sql(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = workspace_of(root, monkeypatch)
    await did(workspace, "extend_feature", {"feature": "product", "drop": ["sku"]})
    seen = set()
    for number in range(3):
        monkeypatch.setenv("PYTHONHASHSEED", str(number))
        made = await planned(workspace)
        seen.add((made.sql, made.token))
    assert len(seen) == 1
    assert "CREATE TABLE _alembic_tmp_products" in made.sql


async def test_changes_of_shipped_features_reach_the_rows(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = workspace_of(root, monkeypatch)
    await did(workspace, "apply_migration", {"token": (await planned(workspace)).token})
    child = WarmChild(workspace)
    await seed(workspace, child)
    await child.close()
    products, reviews = rows(root, "products"), rows(root, "reviews")
    for change in (PRODUCT, REVIEW):
        await did(workspace, "extend_feature", change)
        await did(workspace, "apply_migration", {"token": (await planned(workspace)).token})

    assert products
    assert rows(root, "products") == [
        {**without(one, "sku", "description"), "details": one["description"], "weight": 1.5}
        for one in products
    ]
    assert reviews
    assert rows(root, "reviews") == [
        {**without(one, "title", "body"), "headline": one["title"], "helpful": 0} for one in reviews
    ]


async def test_rows_without_a_place_are_counted_until_they_are_mended(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = workspace_of(root, monkeypatch)
    await did(workspace, "apply_migration", {"token": (await planned(workspace)).token})
    child = WarmChild(workspace)
    await seed(workspace, child)
    lost = [one["id"] for one in rows(root, "products") if one["status"] == "archived"]
    assert lost

    fewer = {"feature": "product", "change": ["status:enum(draft,active)=draft", "sku:string(..9) unique"]}
    await did(workspace, "extend_feature", fewer)
    made = await plan(workspace, child)
    assert made.round_trip is not None
    assert made.round_trip.problems == ()
    assert made.drift == ()
    judged = {one.operation: (one.verdict, one.rows) for one in made.revisions[-1].judgements}
    assert judged["add_constraint ck_products_status"] == ("may_fail", len(lost))
    assert [problem.code for problem in made.problems] == ["MIG020"]

    query(root, "UPDATE products SET status = 'draft' WHERE status = 'archived'")
    made = await plan(workspace, child, prove=False)
    await child.close()
    await did(workspace, "apply_migration", {"token": made.token})
    assert {one["status"] for one in rows(root, "products")} <= {"draft", "active"}


def query(root: Path, sql: str) -> None:
    with closing(sqlite3.connect(root / "app.db")) as database, database:
        database.execute(sql)


def rows(root: Path, table: str) -> list[dict[str, Any]]:
    database = sqlite3.connect(root / "app.db")
    database.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in database.execute(f"SELECT * FROM {table} ORDER BY id")]  # noqa: S608
    finally:
        database.close()


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
