"""Links keep their rows when their field gets another name, and so do the names in the database."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, select, text

from mcp_server.features.catalog import Catalog, KnownFeature
from mcp_server.features.load import load_spec
from mcp_server.features.tables import tables_of
from mcp_server.migrations.facts import read_facts
from mcp_server.migrations.foreseen import Foreseen
from mcp_server.migrations.rows import fill
from mcp_server.migrations.strict_compare import differences
from mcp_server.schema.difference import schema_steps
from mcp_server.workspace.layout import LAYERED
from tests.mcp_server.migrations.changes import OnDatabase, create, empty, run, written
from tests.mcp_server.migrations.test_write import ruff

TAG = load_spec({"feature": "tag", "fields": ["name:string"]})
CATALOG = Catalog.of(KnownFeature.of(TAG, LAYERED))
BEFORE, AFTER = (
    load_spec({"feature": "product", "fields": ["name:string", f"{name}:many(tag)", f"{other}:many(self)"]})
    for name, other in (("tags", "parts"), ("labels", "pieces"))
)
MOVED = {"product_tags": "product_labels", "product_parts": "product_pieces"}


def rows(connection: Connection, names: list[str]) -> list[list[tuple[int, ...]]]:
    found = [connection.execute(text(f"SELECT * FROM {name}")).all() for name in names]  # noqa: S608
    connection.rollback()
    return [sorted(map(tuple, each)) for each in found]


def renamed(connection: Connection) -> None:
    """Up, down and up again."""
    (tag,), old, new = (tables_of(spec, CATALOG) for spec in (TAG, BEFORE, AFTER))
    empty(connection)
    wanted = create(connection, [tag, *new])
    empty(connection)
    given = create(connection, [tag, *old])
    fill(connection, [tag.name, *(table.name for table in old)])
    before = rows(connection, [*MOVED])
    assert all(before)
    revision = written(schema_steps(old, new, moved=MOVED))
    assert ruff("format", "--diff", text=revision) == ""
    for way, schema, names in (
        ("upgrade", wanted, MOVED.values()),
        ("downgrade", given, MOVED),
        ("upgrade", wanted, MOVED.values()),
    ):
        run(connection, revision, way)
        assert not [*differences(schema, read_facts(connection))], way
        assert rows(connection, [*names]) == before


def foreseen(connection: Connection) -> None:
    """A plan that may not change a database counts the rows under the name that the table will have."""
    (tag,), old = (tables_of(spec, CATALOG) for spec in (TAG, BEFORE))
    empty(connection)
    create(connection, [tag, *old])
    fill(connection, [tag.name, *(table.name for table in old)])
    (links,) = rows(connection, ["product_tags"])
    view = Foreseen(connection)
    view.move("product_tags", "product_labels")
    assert sorted(map(tuple, connection.execute(select(view.table("product_labels"))).all())) == links
    connection.rollback()


@pytest.mark.parametrize("case", [renamed, foreseen])
async def test_on_every_database(on_database: OnDatabase, case: Callable[[Connection], None]) -> None:
    await on_database(case)
