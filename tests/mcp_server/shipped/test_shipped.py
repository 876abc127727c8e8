"""The features that ship with the service are, byte for byte, what the kit makes from their specs."""

from pathlib import Path

import pytest

from mcp_server.changes import ledger
from mcp_server.features.generate import generate
from mcp_server.features.load import load_spec
from mcp_server.features.tables import tables_of
from mcp_server.migrations import heads
from mcp_server.migrations.write import write_revision
from mcp_server.operations.formatting import format_sources
from mcp_server.operations.known_features import catalog_of
from mcp_server.schema.operations import CreateTable
from mcp_server.workspace.workspace import Workspace

WORKSPACE = Workspace.open(Path(__file__))
LEDGER = ledger.read(WORKSPACE)
SHIPPED = [name for name in ("category", "product", "review") if name in LEDGER]
UNCHANGED = [name for name in SHIPPED if len(LEDGER[name].revisions) == 1]
"""Those whose one revision makes the table that their spec asks for; of extended ones the gate `drift` proves as much."""


@pytest.mark.parametrize("feature", SHIPPED)
async def test_sources_are_what_the_spec_produces(feature: str) -> None:
    entry, revisions = LEDGER[feature], heads.read(WORKSPACE).revisions
    made = await format_sources(
        WORKSPACE, generate(load_spec(entry.spec), catalog_of(WORKSPACE), WORKSPACE.layout)
    )
    assert made == {path: WORKSPACE.text(path) for path in made}
    assert set(entry.files) - set(made) == {revisions[one].path for one in entry.revisions}


@pytest.mark.parametrize("feature", UNCHANGED)
def test_migration_is_what_the_spec_produces(feature: str) -> None:
    entry = LEDGER[feature]
    spec = load_spec(entry.spec)
    revision = heads.read(WORKSPACE).revisions[entry.revision]
    text = write_revision(
        [CreateTable(table) for table in tables_of(spec, catalog_of(WORKSPACE))],
        message=f"Create {spec.names.table}",
        down_revision=revision.parents[0],
        revision=revision.id,
    )
    assert text == WORKSPACE.text(revision.path)
