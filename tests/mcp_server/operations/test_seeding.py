"""Demo data for whatever features there are: drawn specs, scaffolded and migrated, then filled through their own API."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.scratch import scratch_workspace
from mcp_server.features.demo_rows import ROWS
from mcp_server.features.spec import FeatureSpec
from mcp_server.migrations.apply import apply
from mcp_server.migrations.plan import plan
from mcp_server.operations.scaffold_feature import ScaffoldRequest
from mcp_server.operations.scaffolding import scaffold
from mcp_server.operations.seeding import EMAIL, seed
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.errors import KitError, Refused
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.features.test_generated import batches, drawn_specs

ROOT = Path(__file__).parents[3]
FEATURES = 6
"""The most specs of different names among those that are drawn are 9 to 14."""
SHIPPED = {"categories", "products", "reviews"}


@pytest.fixture(scope="module")
def shipped() -> Iterator[Path]:
    with scratch_workspace(ROOT) as root:
        yield root


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "ENVIRONMENT", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def root(shipped: Path) -> Path:
    """The workspace with the shipped features, without a database."""
    for leftover in shipped.glob("app.db*"):
        leftover.unlink()
    return shipped


async def migrate(workspace: Workspace, child: WarmChild) -> None:
    await apply(workspace, child, (await plan(workspace, child, prove=False)).token)


def dump(root: Path) -> list[str]:
    connection = sqlite3.connect(root / "app.db")
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def creatable(spec: FeatureSpec) -> bool:
    return "create" in spec.operations


async def test_whatever_features_there_are() -> None:
    batch = max(batches(drawn_specs()), key=len)[:FEATURES]
    with scratch_workspace(ROOT) as root:
        workspace = Workspace.open(root)
        for spec in batch:
            await scaffold(workspace, ScaffoldRequest(spec=spec.to_document()))
        child = WarmChild(workspace)
        try:
            await migrate(workspace, child)
            first = await seed(workspace, child)
            after = dump(root)
            second = await seed(workspace, child)
        finally:
            await child.close()
        assert dump(root) == after
    assert len(batch) == FEATURES
    tables = {spec.names.table for spec in batch if creatable(spec)}
    assert first.made.keys() == tables | SHIPPED | {"users"}
    assert all(first.made[table] == ROWS for table in SHIPPED)
    assert all(1 <= first.made[table] <= ROWS for table in tables)
    assert set(first.left.values()) <= {"cannot be created through the API"}
    assert second.made == {}


async def test_rows_that_are_there_are_left_alone_and_missing_migrations_are_named(root: Path) -> None:
    workspace = Workspace.open(root)
    child = WarmChild(workspace)
    try:
        with pytest.raises(KitError) as caught:
            await seed(workspace, child)
        assert caught.value.problems[0].code == "SEED002"
        assert "kit migrate apply" in caught.value.problems[0].hint
        await migrate(workspace, child)
        connection = sqlite3.connect(root / "app.db")
        connection.execute(
            "INSERT INTO categories (public_id, name, created_at, updated_at) "
            "VALUES ('7aff11166af241618e14106e3b3396ba', 'Mine', '2026-01-01', '2026-01-01')"
        )
        connection.commit()
        connection.close()
        seeded = await seed(workspace, child)
    finally:
        await child.close()
    assert seeded.left == {"categories": "has 1 rows already"}
    assert seeded.made == {"users": 1, "products": ROWS, "reviews": ROWS}
    rows = "".join(dump(root))
    assert EMAIL in rows
    assert "'Category 1'" not in rows


async def test_a_feature_whose_files_are_gone_is_told(root: Path) -> None:
    entry = root / ".kit/ledger/category.json"
    ghost = entry.with_name("ghost.json")
    text = entry.read_text().replace('"categories"', '"ghosts"').replace('"category"', '"ghost"')
    ghost.write_text(text)
    workspace = Workspace.open(root)
    child = WarmChild(workspace)
    try:
        await migrate(workspace, child)
        seeded = await seed(workspace, child)
    finally:
        await child.close()
        ghost.unlink()
    assert seeded.left == {"ghosts": "has no model any more"}
    assert seeded.made.keys() == SHIPPED | {"users"}


@pytest.mark.parametrize(
    "variables",
    [
        {"DATABASE_URL": "postgresql+asyncpg://db.example.org/shop"},
        {"DATABASE_URL": "sqlite+aiosqlite:////var/lib/shop.db"},
        {"DATABASE_URL": "sqlite+aiosqlite:///:memory:"},
        {"ENVIRONMENT": "production", "SECRET_KEY": "0123456789abcdef0123456789abcdef"},
    ],
    ids=["remote", "elsewhere", "memory", "production"],
)
async def test_refused_where_people_may_depend_on_the_rows(
    variables: dict[str, str], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    workspace = Workspace.open(root)
    child = WarmChild(workspace)
    try:
        with pytest.raises(Refused) as caught:
            await seed(workspace, child)
    finally:
        await child.close()
    assert caught.value.problems[0].code == "SEED001"
    assert not (root / "app.db").exists()
