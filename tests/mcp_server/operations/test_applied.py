"""Changes whose migration has been applied: rows are counted, and nothing is taken from them unasked."""

from dataclasses import replace

import pytest

from mcp_server.migrations import heads
from mcp_server.operations.context import Context
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.errors import Refused
from tests.mcp_server.operations.changes import do, migrate, refused, scaffold, sql
from tests.mcp_server.operations.conftest import contents


async def test_an_applied_migration_is_downgraded_first_and_rows_are_not_lost_unasked(
    context: Context,
) -> None:
    before = contents(context.workspace.root)
    made = await scaffold(context)
    await migrate(context)
    stamp = "2026-01-01 00:00:00"
    values = f"1, '{'0' * 32}', 'Acme', 'a', '{stamp}', '{stamp}'"
    await sql(context, f"INSERT INTO suppliers (id, public_id, name, code, created_at, updated_at) VALUES ({values})")  # noqa: S608  # fmt: skip
    with pytest.raises(Refused) as caught:
        await do(context, "undo_change")
    (problem,) = caught.value.problems
    assert (problem.code, "may lose 1 row of suppliers," in problem.reason) == ("UND006", True)
    shown = await do(context, "undo_change", confirm=True, dry_run=True)
    assert any("would first downgrade" in note for note in shown["notes"])
    assert await sql(context, "SELECT version_num FROM alembic_version") == [(made["revision"],)]
    done = await do(context, "undo_change", confirm=True)
    assert any("copy from before" in note for note in done["notes"])
    assert await sql(context, "SELECT version_num FROM alembic_version") != [(made["revision"],)]
    assert await sql(context, "SELECT name FROM sqlite_master WHERE name = 'suppliers'") == []
    assert contents(context.workspace.root) == before


async def test_undoing_one_of_two_heads_leaves_the_other(context: Context) -> None:
    root = context.workspace.root
    made = await scaffold(context)
    await migrate(context)
    (path,) = (path for path in made["files"] if path.startswith("alembic/versions/"))
    pulled = root / "alembic/versions/eeeeeeeeeeee_of_a_colleague.py"
    pulled.write_text((root / path).read_text().replace(made["revision"], "eeeeeeeeeeee"))
    assert len(heads.read(context.workspace).heads) == 2
    done = await do(context, "undo_change")
    assert any("downgraded" in note for note in done["notes"])
    assert heads.read(context.workspace).heads == ("eeeeeeeeeeee",)


async def test_nothing_is_downgraded_on_a_protected_database(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scaffold(context)
    await migrate(context)
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("SECRET_KEY", "k" * 64)
    child = WarmChild(context.workspace)  # it reads the environment when it starts
    try:
        assert await refused(replace(context, child=child), "undo_change") == ["UND005"]
    finally:
        await child.close()


async def test_removing_tells_how_many_rows_there_are(context: Context) -> None:
    await scaffold(context)
    told = await do(context, "remove_feature", feature="supplier", dry_run=True)
    assert told["notes"] == ["suppliers is in no database yet"]
    await migrate(context)
    told = await do(context, "remove_feature", feature="supplier", dry_run=True)
    assert told["notes"] == ["suppliers holds 0 rows"]
