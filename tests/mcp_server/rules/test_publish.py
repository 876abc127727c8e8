"""Publishing: the right keys for each tool, drift found, people's own text left alone."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from mcp_server.changes.change_set import ChangeSet
from mcp_server.rules.publish import drift, publish
from mcp_server.workspace.config import KitConfig
from mcp_server.workspace.errors import InvalidInput, Refused
from mcp_server.workspace.workspace import Workspace

SOURCES = {
    "rules/00-all.md": "---\ntitle: All\ndescription: For everybody\nalways: true\n---\n\n# All\n\nBe kind.\n",
    "rules/10-api.md": (
        "---\ntitle: API\ndescription: 'How: routes'\npaths:\n  - app/api/**/*.py\n  - tests/**/*.py\n---\n\n"
        "- **KIT202** No queries\n  in endpoints. *(enforced by: KIT202)*\n"
    ),
    "rules/90-claude.md": "---\ntitle: C\ndescription: d\nalways: true\naudience: claude\n---\nUse the skill.\n",
}


def make(root: Path, files: Mapping[str, str]) -> Workspace:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return Workspace(root, KitConfig())


def write(workspace: Workspace, change_set: ChangeSet) -> None:
    for change in change_set.changes:
        path = workspace.root / change.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink() if change.after is None else path.write_bytes(change.after)


def front_matter(workspace: Workspace, path: str) -> dict[str, object]:
    text = workspace.text(path)
    assert text.startswith("---\n")
    facts: dict[str, object] = yaml.safe_load(text.split("---\n")[1])
    return facts


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = make(tmp_path, SOURCES)
    write(workspace, publish(workspace))
    return workspace


def test_each_tool_gets_its_own_keys(workspace: Workspace) -> None:
    assert front_matter(workspace, ".claude/rules/10-api.md") == {
        "paths": ["app/api/**/*.py", "tests/**/*.py"]
    }
    assert front_matter(workspace, ".cursor/rules/10-api.mdc") == {
        "description": "How: routes",
        "globs": "app/api/**/*.py,tests/**/*.py",
        "alwaysApply": False,
    }
    assert "globs: app/api/**/*.py,tests/**/*.py\n" in workspace.text(".cursor/rules/10-api.mdc")
    assert front_matter(workspace, ".github/instructions/10-api.instructions.md") == {
        "description": "How: routes",
        "applyTo": "app/api/**/*.py,tests/**/*.py",
    }
    assert "Be kind." in workspace.text("AGENTS.md")
    assert "rules/10-api.md" in workspace.text("AGENTS.md")
    assert "Use the skill." not in workspace.text("AGENTS.md")
    assert "Be kind." in workspace.text(".github/copilot-instructions.md")
    claude = workspace.text("CLAUDE.md")
    assert "\n@AGENTS.md\n" in claude
    assert "Use the skill." in claude


def test_publishing_again_changes_nothing(workspace: Workspace) -> None:
    assert not publish(workspace)
    assert drift(workspace) == ()


def test_an_edited_source_is_drift_in_every_tool(workspace: Workspace) -> None:
    make(workspace.root, {"rules/10-api.md": SOURCES["rules/10-api.md"] + "\nMore.\n"})
    assert {problem.place for problem in drift(workspace)} == {
        ".claude/rules/10-api.md",
        ".cursor/rules/10-api.mdc",
        ".github/instructions/10-api.instructions.md",
    }


def test_an_edited_publication_is_drift(workspace: Workspace) -> None:
    path = workspace.root / ".cursor/rules/10-api.mdc"
    path.write_text(path.read_text() + "\nmine\n")
    assert [(problem.code, problem.place) for problem in drift(workspace)] == [
        ("RULE004", ".cursor/rules/10-api.mdc")
    ]


def test_a_publication_without_its_source_is_deleted(workspace: Workspace) -> None:
    (workspace.root / "rules/10-api.md").unlink()
    deleted = [change.path for change in publish(workspace).changes if change.after is None]
    assert deleted == [
        ".claude/rules/10-api.md",
        ".cursor/rules/10-api.mdc",
        ".github/instructions/10-api.instructions.md",
    ]


@pytest.mark.parametrize("name", ["AGENTS.md", "CLAUDE.md"])
def test_text_around_the_block_survives(workspace: Workspace, name: str) -> None:
    path = workspace.root / name
    path.write_text(f"# Before\n\n{path.read_text()}\nAfter: é\n")
    make(
        workspace.root,
        {source: text.replace("Be", "Stay").replace("Use", "Try") for source, text in SOURCES.items()},
    )
    write(workspace, publish(workspace))
    text = path.read_text()
    assert text.startswith("# Before\n\n")
    assert text.endswith("\nAfter: é\n")
    assert ("Stay kind." if name == "AGENTS.md" else "Try the skill.") in text
    assert not publish(workspace)


def test_a_file_of_ones_own_gets_the_block_on_top(tmp_path: Path) -> None:
    workspace = make(tmp_path, {**SOURCES, "CLAUDE.md": "Mine.\n"})
    write(workspace, publish(workspace))
    assert workspace.text("CLAUDE.md").endswith("\n\nMine.\n")
    assert not publish(workspace)


def test_a_file_of_ones_own_is_not_overwritten(tmp_path: Path) -> None:
    workspace = make(
        tmp_path, {**SOURCES, ".claude/rules/10-api.md": "mine\n", ".claude/rules/own.md": "mine\n"}
    )
    with pytest.raises(Refused) as caught:
        publish(workspace)
    assert [(problem.code, problem.place) for problem in caught.value.problems] == [
        ("RULE005", ".claude/rules/10-api.md")
    ]


def test_a_block_without_an_end_is_refused(workspace: Workspace) -> None:
    path = workspace.root / "AGENTS.md"
    path.write_text(path.read_text().replace("<!-- kit:rules end -->", ""))
    with pytest.raises(Refused) as caught:
        publish(workspace)
    assert caught.value.problems[0].place == "AGENTS.md"


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("", "RULE001"),
        ("---\ntitle: [\n---\n", "RULE001"),
        ("---\ntitle: a\ndescription: b\n---\n", "RULE001"),
        ("---\ntitle: a\ndescription: b\nalways: true\npaths: [app/x]\n---\n", "RULE001"),
        ("---\ntitle: a\ndescription: b\nglobs: app\nalways: true\n---\n", "RULE001"),
        ("---\ntitle: a\ndescription: b\npaths: ['**/*.py']\n---\n", "RULE001"),
        ("---\ntitle: a\ndescription: b\npaths: ['app/{a,b}.py']\n---\n", "RULE001"),
        ("---\ntitle: a\ndescription: b\nalways: true\n---\n- **KIT901** No enforcer.\n", "RULE002"),
        ("---\ntitle: a\ndescription: b\nalways: true\n---\n- **KIT202** Twice. *(advice)*\n", "RULE002"),
    ],
)
def test_unusable_sources_are_named(tmp_path: Path, head: str, code: str) -> None:
    workspace = make(tmp_path, {**SOURCES, "rules/20-bad.md": head})
    with pytest.raises(InvalidInput) as caught:
        publish(workspace)
    assert caught.value.problems[0].code == code
    assert caught.value.problems[0].place.startswith("rules/20-bad.md:")
