"""The view of the plan: made from the PRPs, stable, and in sync."""

from pathlib import Path

from mcp_server.plan.view import VIEW, drift, render, view
from mcp_server.prps.model import FrontMatter
from mcp_server.prps.read import Prp, read_prps
from mcp_server.workspace.config import KitConfig
from mcp_server.workspace.workspace import Workspace

ROOT = Path(__file__).parents[3]


def prp(name: str, priority: str, title: str = "A title") -> Prp:
    facts = {
        "id": name,
        "title": title,
        "priority": priority,
        "estimate": "1h",
        "status": "draft",
        "touches": ["app/x.py"],
        "requirements": [{"id": "R1", "must": "be", "scenario": "always"}],
        "tasks": [
            {
                "id": "T2",
                "title": "Later",
                "phase": 3,
                "owner": "tester",
                "depends_on": ["T1"],
                "gates": ["tests"],
            },
            {"id": "T1", "title": "First", "phase": 1, "owner": "builder"},
        ],
        "gates": ["tests"],
    }
    return Prp(f"PRPs/{name}/prp.md", FrontMatter.model_validate(facts), "", 1)


def test_high_priority_comes_first_and_tasks_come_by_phase() -> None:
    text = view([prp("b-later", "low"), prp("c-now", "high"), prp("a-soon", "medium")])
    names = [line for line in text.splitlines() if line.startswith("## ")]
    assert [name.split("]")[0] for name in names] == ["## [c-now", "## [a-soon", "## [b-later"]
    assert text.index("| T1 | 1 database | First | builder | | |") < text.index(
        "| T2 | 3 testing | Later | tester | T1 | tests |"
    )


def test_text_cannot_break_out_of_its_cell() -> None:
    text = view([prp("a", "low", "a | b\nc")])
    assert "a \\| b c\n" in text


def test_rendering_again_changes_nothing(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, KitConfig())
    prps = [prp("a", "low")]
    (change,) = render(workspace, prps).changes
    assert change.after is not None
    (tmp_path / VIEW).write_bytes(change.after)
    assert not render(workspace, prps)
    assert drift(workspace, prps) == ()
    (tmp_path / VIEW).write_text("edited by hand\n")
    assert [problem.code for problem in drift(workspace, prps)] == ["PLAN001"]


def test_shipped_view_is_in_sync() -> None:
    workspace = Workspace.open(ROOT)
    prps, problems = read_prps(workspace)
    assert problems == ()
    assert drift(workspace, prps) == ()
