"""Two features that refer to each other: the second side is added once the other feature is there."""

import asyncio
import os
from asyncio.subprocess import PIPE
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from demo.scratch import scratch_workspace
from mcp_server.changes import ledger
from mcp_server.features.catalog import USER, Catalog, KnownFeature
from mcp_server.features.generate import generate
from mcp_server.features.load import load_spec
from mcp_server.features.shorthand import parse_field
from mcp_server.features.spec import FeatureSpec
from mcp_server.features.tables import tables_of
from mcp_server.features.validate import validate
from mcp_server.gates.runner import run_gates
from mcp_server.migrations import heads
from mcp_server.migrations.write import file_name, write_revision
from mcp_server.operations.formatting import format_sources
from mcp_server.operations.known_features import catalog_of
from mcp_server.operations.scaffold_feature import ScaffoldRequest
from mcp_server.operations.scaffolding import scaffold
from mcp_server.schema.difference import schema_steps
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.layout import LAYERED
from mcp_server.workspace.workspace import Workspace

ROOT = Path(__file__).parents[3]
TESTS = ("tests/app/api/test_authors.py", "tests/app/api/test_books.py")
GATES = ("imports", "migration-head", "migrations", "drift")
AUTHOR = load_spec({"feature": "author", "fields": ["name:string(..50)"], "filters": ["name"]})
BOOK = load_spec(
    {"feature": "book", "fields": ["title:string(..50)", "author:ref(author)", "readers:many(author)"]}
)
GROWN = replace(
    AUTHOR, fields=(*AUTHOR.fields, parse_field("best:one(book)?"), parse_field("shelf:many(book)")), filters=("best", "shelf")
)  # fmt: skip


def with_both(workspace: Workspace) -> Catalog:
    """The features of the workspace, without the one that changes."""
    known = {name: each for name, each in catalog_of(workspace).features.items() if name != AUTHOR.feature}
    return Catalog(known)


async def grow(workspace: Workspace, old: FeatureSpec, new: FeatureSpec) -> None:
    """Write the feature anew from its new spec, with a migration from the old one."""
    catalog, head = with_both(workspace), heads.read(workspace).head
    steps = schema_steps(tables_of(old, catalog), tables_of(new, catalog))
    files = await format_sources(workspace, generate(new, catalog, workspace.layout))
    revision = "0123456789ab"
    text = write_revision(steps, message="Grow authors", down_revision=head, revision=revision)
    files[f"{heads.versions_folder(workspace)}/{file_name(revision, 'Grow authors')}"] = text
    hashes = {path: sha256(source.encode()).hexdigest() for path, source in files.items()}
    path, content = ledger.Entry(new.feature, new.to_document(), hashes, revision).to_file()
    for name, data in {path: content, **{name: source.encode() for name, source in files.items()}}.items():
        (workspace.root / name).write_bytes(data)


async def test_the_second_side_of_a_mutual_reference_is_added_later() -> None:
    with scratch_workspace(ROOT) as root:
        workspace = Workspace.open(root)
        for spec in (AUTHOR, BOOK):
            await scaffold(workspace, ScaffoldRequest(spec=spec.to_document()))
        assert validate(GROWN, with_both(workspace)) == ()
        await grow(workspace, AUTHOR, GROWN)
        child = WarmChild(workspace)
        try:
            report = await run_gates(workspace, child, only=GATES, use_cache=False)
        finally:
            await child.close()
        assert {one.gate: (one.status, one.findings[:9]) for one in report.results} == dict.fromkeys(
            GATES, ("passed", ())
        )
        command = ("-m", "pytest", "-q", "-p", "pytest_asyncio.plugin", *TESTS)
        alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        tests = await asyncio.create_subprocess_exec(
            workspace.python, *command, cwd=root, env=alone, stdout=PIPE
        )
        output, _ = await tests.communicate()
        assert tests.returncode == 0, output.decode()


def test_references_that_need_each_other_are_refused() -> None:
    """Nothing could be created: neither row can be the first."""
    chapter = load_spec({"feature": "chapter", "fields": ["book:ref(book)"]})
    features = {spec.feature: KnownFeature.of(spec, LAYERED) for spec in (BOOK, chapter)}
    for target in ("book", "chapter"):
        needy = replace(AUTHOR, fields=(parse_field("a:int"), parse_field(f"best:ref({target})")), filters=())
        (found,) = validate(needy, Catalog({"user": USER, **features}))
        assert (found.code, found.place) == ("SPEC053", "fields[1].type")
        assert "optional" in found.hint
