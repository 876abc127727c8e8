"""Rows that were only marked as deleted do not live again when a feature stops keeping them."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Connection, column, delete, select, table, text

from mcp_server.features.catalog import Catalog, KnownFeature
from mcp_server.features.load import load_spec
from mcp_server.features.purge import purge
from mcp_server.features.tables import tables_of
from mcp_server.migrations.counts import Counts
from mcp_server.migrations.foreseen import Foreseen
from mcp_server.migrations.rows import fill
from mcp_server.migrations.verdicts import Judge
from mcp_server.schema.difference import steps
from mcp_server.schema.operations import SchemaOperation
from mcp_server.workspace.layout import LAYERED
from tests.mcp_server.migrations.changes import OnDatabase, create, empty, run, values, written
from tests.mcp_server.migrations.test_write import ruff

TAG = load_spec({"feature": "tag", "fields": ["name:string"]})
KEPT = load_spec(
    {"feature": "gadget", "fields": ["name:string unique", "tags:many(tag)"], "soft_delete": True}
)
GONE = replace(KEPT, soft_delete=False)
PART = load_spec({"feature": "part", "fields": ["name:string", "gadget:ref(gadget) on_delete=cascade"]})
SCREW = load_spec({"feature": "screw", "fields": ["part:ref(part) on_delete=cascade", "tags:many(tag)"]})
SPECS = (TAG, KEPT, PART, SCREW)
CATALOG = Catalog.of(*(KnownFeature.of(spec, LAYERED) for spec in SPECS))


def operations() -> list[SchemaOperation]:
    before, after = (tables_of(spec, CATALOG)[0] for spec in (KEPT, GONE))
    return [*purge(KEPT, GONE, CATALOG), *steps(before, after)]


def with_rows(connection: Connection) -> tuple[int, int]:
    """Rows everywhere, one gadget of them marked as deleted: how many gadgets, and the key of that one."""
    empty(connection)
    tables = [one for spec in SPECS for one in tables_of(spec, CATALOG)]
    create(connection, tables)
    fill(connection, [one.name for one in tables])
    assert {row["deleted_at"] for row in values(connection, "gadgets")} == {None}
    marked = connection.execute(text("SELECT MIN(gadget_id) FROM gadget_tags")).scalar_one()
    mark = text("UPDATE gadgets SET deleted_at = created_at, deletion_id = id WHERE id = :id")
    connection.execute(mark, {"id": marked})
    connection.commit()
    return len(values(connection, "gadgets")), marked


def purged(connection: Connection) -> None:
    """Up, down and up again."""
    count, marked = with_rows(connection)
    revision = written(operations())
    assert ruff("format", "--diff", text=revision) == ""
    for way in ("upgrade", "downgrade", "upgrade"):
        run(connection, revision, way)
        left = {row["id"] for row in values(connection, "gadgets")}
        assert len(left) == count - 1
        assert marked not in left
        for name in ("gadget_tags", "parts"):
            found = set(connection.execute(text(f"SELECT gadget_id FROM {name}")).scalars())  # noqa: S608
            connection.rollback()
            assert found
            assert found <= left
        parts = {row["id"] for row in values(connection, "parts")}
        assert {row["part_id"] for row in values(connection, "screws")} == parts
        screws = set(connection.execute(text("SELECT screw_id FROM screw_tags")).scalars())
        connection.rollback()
        assert screws == {row["id"] for row in values(connection, "screws")}


def foreseen(connection: Connection) -> None:
    """A plan counts the rows that go, and counts without them from there on."""
    count, marked = with_rows(connection)
    statement = delete(table("gadgets")).where(column("deleted_at").is_not(None))
    judged = Judge(connection.dialect.name, lambda: Counts(connection)).statement(statement)
    assert (judged.operation, judged.verdict, judged.rows) == ("delete gadgets", "loses_data", 1)
    view = Foreseen(connection)
    view.delete(statement)
    left = connection.execute(select(view.table("gadgets"))).all()
    assert len(left) == count - 1
    assert marked not in {row.id for row in left}
    connection.execute(text("UPDATE gadgets SET deleted_at = NULL"))
    judged = Judge(connection.dialect.name, lambda: Counts(connection)).statement(statement)
    assert (judged.verdict, judged.rows) == ("safe", 0)
    connection.rollback()


def test_nothing_is_purged_where_rows_stay_marked_or_never_were() -> None:
    assert [*purge(KEPT, KEPT, CATALOG), *purge(GONE, KEPT, CATALOG), *purge(GONE, GONE, CATALOG)] == []


@pytest.mark.parametrize("case", [purged, foreseen])
async def test_on_every_database(on_database: OnDatabase, case: Callable[[Connection], None]) -> None:
    await on_database(case)
