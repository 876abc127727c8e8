"""Texts by address: what exists is listed and read, and no address leads out of the workspace."""

from pathlib import Path

import pytest

from mcp_server.gates.runs import RunFolder
from mcp_server.operations.context import Context
from mcp_server.operations.documents import documents, read_document
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.errors import InvalidInput, KitError
from mcp_server.workspace.workspace import Workspace


@pytest.fixture
def context(tmp_path: Path) -> Context:
    root = tmp_path / "workspace"
    (root / "rules").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.fastapi-agent-kit]\n")
    (root / "rules" / "async.md").write_text("Await everything.\n")
    (root / "PRPs" / "P1").mkdir(parents=True)
    (root / "PRPs" / "P1" / "prp.md").write_text("# P1\n")
    (tmp_path / "secret.md").write_text("secret")
    workspace = Workspace.open(root)
    return Context(workspace, WarmChild(workspace))


async def test_what_is_listed_can_be_read(context: Context) -> None:
    for name in (r"back\1slash", "two words", "\u00fcber"):
        (context.workspace.root / "rules" / f"{name}.md").touch()
    uris = [document.uri for document in documents(context.workspace)]
    assert uris == ["kit://rules/async", "kit://prps/P1", "kit://openapi"]
    assert await read_document(context, "kit://rules/async") == ("Await everything.\n", "text/markdown")
    assert (await read_document(context, "kit://prps/P1"))[0] == "# P1\n"


async def test_a_long_log_keeps_its_end(context: Context) -> None:
    run = RunFolder(context.workspace)
    run.write_log("lint", "x" * 200_000 + "the end")
    text, _ = await read_document(context, f"kit://gates/{run.id}/lint")
    assert len(text) < 101_000
    assert "the end" in text


@pytest.mark.parametrize(
    "uri",
    [
        "kit://rules/../../secret",
        "kit://rules/..%2F..%2Fsecret",
        "kit://rules//etc/passwd",
        "kit://rules/.hidden",
        "kit://nothing/here",
        "kit://gates/../x",
        "file:///etc/passwd",
        "",
    ],
)
async def test_an_address_that_leads_nowhere_is_refused(context: Context, uri: str) -> None:
    with pytest.raises(InvalidInput, match="DOC001"):
        await read_document(context, uri)


@pytest.mark.parametrize(
    "uri", ["kit://rules/none", "kit://features/none", "kit://gates/20260101-000000-abcdef/lint"]
)
async def test_what_does_not_exist_is_an_expected_failure(context: Context, uri: str) -> None:
    with pytest.raises(KitError):
        await read_document(context, uri)
