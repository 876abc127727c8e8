"""The shipped rules hold together, and what does not is found."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from mcp_server.gates.registry import all_gates
from mcp_server.rules import vocabulary
from mcp_server.rules.check import check_rules
from mcp_server.rules.references import Known, find_dangling
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.rules.test_publish import SOURCES, make

ROOT = Path(__file__).parents[3]
KNOWN = Known(
    frozenset({"app", "app/main.py", "app/models/user.py", "AGENTS.md", "rules", "rules/a.md"}),
    frozenset({"demo"}),
    "public_id = 1",
)


def test_shipped_rules_hold_together() -> None:
    assert check_rules(Workspace.open(ROOT), {gate.id for gate in all_gates()}) == ()


def test_agents_file_stays_short() -> None:
    assert len((ROOT / "AGENTS.md").read_text().splitlines()) < 150


def test_vocabulary_names_the_tools_there_are() -> None:
    from mcp_server.operations.registry import OPERATIONS

    assert set(OPERATIONS) == vocabulary.TOOLS


def test_vocabulary_names_the_commands_there_are() -> None:
    from mcp_server.adapters.cli.main import build

    assert set(_commands(typer.main.get_command(build()))) == vocabulary.COMMANDS


def _commands(command: object, *path: str) -> Iterator[str]:
    children = getattr(command, "commands", None)
    if not children:
        yield " ".join(path)
        return
    for name, child in children.items():
        yield from _commands(child, *path, name)


@pytest.mark.parametrize(
    "text",
    [
        "`app/main.py`",
        "`app/models/<name>.py`",
        "`app/**/*.py`",
        "`AGENTS.md`",
        "`kit feature add x 'name:string'`",
        "`kit gates --json`",
        "`make demo`",
        "`scaffold_feature`",
        "`public_id`",
        "`GET|POST`",
        "`application/problem+json`",
        "mcp__kit__workspace_info",
        "```bash\nkit migrate plan\n```",
        "```python\nkit.something()\n```",
        "and/or",
    ],
)
def test_references_that_lead_somewhere(text: str) -> None:
    assert list(find_dangling({"rules/a.md": text}, KNOWN)) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("`app/nothing.py`", "REF001"),
        ("`app/nothing`", "REF001"),
        ("`app/views/<name>.py`", "REF001"),
        ("`docs/guide.md`", "REF001"),
        ("`NOTES.md`", "REF001"),
        ("`kit feature destroy x`", "REF002"),
        ("```bash\nkit frobnicate\n```", "REF002"),
        ("`make coffee`", "REF003"),
        ("`scaffold_featur`", "REF004"),
        ("mcp__kit__drop_everything", "REF004"),
    ],
)
def test_references_that_lead_nowhere(text: str, code: str) -> None:
    (problem,) = find_dangling({"rules/a.md": f"first line\n\n{text}"}, KNOWN)
    assert problem.code == code
    assert problem.place in {"rules/a.md:3", "rules/a.md:4"}


@pytest.mark.parametrize(
    ("enforcer", "reason"),
    [
        ("KIT201", "the check of another statement"),
        ("ruff XYZ123", "does not select"),
        ("mypy made-up", "does not report"),
        ("gate made-up", "no gate"),
        ("test tests/nothing.py", "no test"),
        ("test tests/test_a.py::test_b", "no test"),
        ("hope", "cannot tell"),
    ],
)
def test_enforcers_must_exist(tmp_path: Path, enforcer: str, reason: str) -> None:
    statement = f"- **KIT299** Always. *(enforced by: {enforcer})*\n"
    workspace = make(
        tmp_path,
        {
            **SOURCES,
            "rules/10-api.md": SOURCES["rules/10-api.md"] + statement,
            "pyproject.toml": '[tool.ruff.lint]\nselect = ["S"]\n[tool.mypy]\nstrict = true\n',
            "tests/test_a.py": "def test_a(): ...\n",
        },
    )
    found = [problem for problem in check_rules(workspace, {"tests"}) if problem.code == "RULE003"]
    assert len(found) == 1
    assert reason in found[0].reason
    assert found[0].place.startswith("rules/10-api.md:")


@pytest.mark.parametrize(
    "enforcer", ["ruff S608", "mypy strict", "gate tests", "test tests/test_a.py::test_a"]
)
def test_enforcers_that_exist(tmp_path: Path, enforcer: str) -> None:
    workspace = make(
        tmp_path,
        {
            "rules/a.md": SOURCES["rules/00-all.md"]
            + f"\n- **KIT299** Always. *(enforced by: {enforcer})*\n",
            "pyproject.toml": '[tool.ruff.lint]\nselect = ["S"]\n[tool.mypy]\nstrict = true\n',
            "tests/test_a.py": "def test_a(): ...\n",
        },
    )
    assert [problem for problem in check_rules(workspace, {"tests"}) if problem.code == "RULE003"] == []


def test_a_check_without_a_statement_is_found(tmp_path: Path) -> None:
    workspace = make(tmp_path, {**SOURCES, "pyproject.toml": ""})
    missing = {problem.reason for problem in check_rules(workspace, ()) if problem.code == "RULE006"}
    assert "no statement says KIT201" in missing
    assert "no statement says KIT202" not in missing
