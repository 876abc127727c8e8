"""Skills are read as they are, and a broken one is still there."""

from pathlib import Path

import pytest

from mcp_server.operations.skills import skill, skills
from mcp_server.workspace.errors import InvalidInput
from mcp_server.workspace.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "pyproject.toml").write_text("[tool.fastapi-agent-kit]\n")
    for name, text in {
        "good": "---\nname: good\ndescription: Does good.\n---\n\n# Good\n\nDo $ARGUMENTS now.\n",
        "plain": "# No front matter\n",
        "broken": "---\nname: [unclosed\n---\nStill useful.\n",
    }.items():
        folder = tmp_path / ".claude" / "skills" / name
        folder.mkdir(parents=True)
        (folder / "SKILL.md").write_text(text)
    return Workspace.open(tmp_path)


def test_all_skills_are_found(workspace: Workspace) -> None:
    found = skills(workspace)
    assert {name: one.description for name, one in found.items()} == {
        "broken": "",
        "good": "Does good.",
        "plain": "",
    }


def test_what_the_user_asked_is_put_in_its_place_or_at_the_end(workspace: Workspace) -> None:
    assert skill(workspace, "good").text("this") == "# Good\n\nDo this now.\n"
    assert skill(workspace, "plain").text("this").endswith("The request: this\n")
    assert skill(workspace, "plain").text("") == "# No front matter\n"


def test_an_unknown_skill_is_refused_with_the_known_ones(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput, match=r"SKILL001 at nope.*Skills: broken, good, plain"):
        skill(workspace, "nope")
