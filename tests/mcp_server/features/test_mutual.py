"""Two features that refer to each other: the second side is added once the other feature is there."""

import asyncio
import os
from asyncio.subprocess import PIPE
from dataclasses import replace
from pathlib import Path

from demo.scratch import scratch_workspace
from mcp_server.features.catalog import USER, Catalog, KnownFeature
from mcp_server.features.load import load_spec
from mcp_server.features.shorthand import parse_field
from mcp_server.features.validate import validate
from mcp_server.gates.runner import run_gates
from mcp_server.operations.extend_feature import ExtendRequest
from mcp_server.operations.extending import extend
from mcp_server.operations.scaffold_feature import ScaffoldRequest
from mcp_server.operations.scaffolding import scaffold
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.layout import LAYERED
from mcp_server.workspace.workspace import Workspace

ROOT = Path(__file__).parents[3]
TESTS = ("tests/app/api/test_authors.py", "tests/app/api/test_books.py")
GATES = ("imports", "migration-head", "migrations", "drift")
AUTHOR = load_spec({"feature": "author", "fields": ["name:string(..50)"], "filters": ["name"]})
BOOK = load_spec(
    {
        "feature": "book",
        "fields": ["title:string(..50)", "author:ref(author)", "readers:many(author)"],
        "soft_delete": True,
    }
)
GROWN = replace(
    AUTHOR, fields=(*AUTHOR.fields, parse_field("best:one(book)?"), parse_field("shelf:many(book)")), filters=("best", "shelf")
)  # fmt: skip


async def test_the_second_side_of_a_mutual_reference_is_added_later() -> None:
    with scratch_workspace(ROOT) as root:
        workspace = Workspace.open(root)
        for spec in (AUTHOR, BOOK):
            await scaffold(workspace, ScaffoldRequest(spec=spec.to_document()))
        await extend(workspace, ExtendRequest(feature="author", spec=GROWN.to_document()))
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
