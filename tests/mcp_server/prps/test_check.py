"""The static check of PRPs: the shipped ones pass, and every code is found by breaking a good one."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mcp_server.prps.check import SECTIONS, check_all
from mcp_server.prps.model import fingerprint
from mcp_server.workspace.config import KitConfig
from mcp_server.workspace.workspace import Workspace

ROOT = Path(__file__).parents[3]
TEST = "tests/app/api/test_parts.py"
FRONT = f"""\
id: parts
title: Parts
priority: low
estimate: 30m
status: ready
base_commit: abcdef1
touches: [app/models/part.py, {TEST}]
forbidden: [app/core/**]
context:
  - {{path: notes.md, sha256: {fingerprint(b"notes")}, why: The request}}
requirements:
  - {{id: R1, must: Parts can be made, scenario: Given nothing, tests: ["{TEST}::test_create"]}}
api: []
tasks:
  - {{id: T1, title: Table, phase: 1, owner: builder, creates: [app/models/part.py], gates: [tests]}}
  - {{id: T2, title: Tests, phase: 3, owner: builder, creates: [{TEST}], depends_on: [T1], satisfies: [R1]}}
gates: [tests]
"""
BODY = "".join(f"## {section}\n\nSaid.\n\n" for section in SECTIONS)
Edit = Callable[[str], str]


def check_edited(root: Path, edit_front: Edit = str, edit_body: Edit = str) -> list[tuple[str, str]]:
    (root / "PRPs/parts").mkdir(parents=True)
    (root / ".claude/agents").mkdir(parents=True)
    (root / ".claude/agents/builder.md").write_text("")
    (root / "notes.md").write_text("notes")
    front = edit_front(FRONT)
    (root / "PRPs/parts/prp.md").write_text(f"---\n{front}---\n# Parts\n\n{edit_body(BODY)}")
    problems = check_all(Workspace(root, KitConfig()), {"tests"})
    assert all(problem.place.startswith("PRPs/parts/prp.md") for problem in problems)
    return [(problem.code, problem.reason) for problem in problems]


def replace(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return edit


def test_a_good_prp_passes(tmp_path: Path) -> None:
    assert check_edited(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("id: parts", "id: others", "PRP002"),
        ("title: Parts", "title: TODO", "PRP003"),
        (
            "depends_on: [T1], satisfies: [R1]}",
            "satisfies: [R1]}\n  - {id: T1, title: x, phase: 1, owner: builder}",
            "PRP005",
        ),
        ("depends_on: [T1]", "depends_on: [T9]", "PRP006"),
        ("satisfies: [R1]", "satisfies: [R1, R2]", "PRP006"),
        ("gates: [tests]}", "depends_on: [T2]}", "PRP007"),
        (", satisfies: [R1]", "", "PRP008"),
        (f'["{TEST}::test_create"]', "[]", "PRP009"),
        (f'["{TEST}::test_create"]', '["tests/other.py::test_create"]', "PRP009"),
        ("path: notes.md", "path: gone.md", "PRP010"),
        (fingerprint(b"notes"), "'000000000000'", "PRP010"),
        ("touches: [app/models/part.py,", "touches: [app/models/parts.py,", "PRP011"),
        ("forbidden: [app/core/**]", "forbidden: [app/models/**]", "PRP012"),
        ("owner: builder, creates: [app", "owner: nobody, creates: [app", "PRP013"),
        ("gates: [tests]\n", "gates: [beauty]\n", "PRP014"),
    ],
)
def test_each_code_is_found(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert [found for found, _ in check_edited(tmp_path, replace(old, new))] == [code]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("priority: low", "priority: lowest"),
        ("estimate: 30m", "estimate: soon"),
        ("api: []", "apis: []"),
        ("phase: 3", "phase: 3, done: true"),
        ("base_commit: abcdef1\n", ""),
        ("status: ready", "status: done"),
        ("touches: [app", "touches: [/app"),
        ("touches: [app", "touches: [../app"),
        ("id: R1", "id: first"),
        ("title: Parts", "title: Parts: all"),
        ("id: parts", "id: [parts"),
    ],
)
def test_front_matter_is_strict(tmp_path: Path, old: str, new: str) -> None:
    assert {code for code, _ in check_edited(tmp_path, replace(old, new))} == {"PRP001"}


def test_unknown_keys_are_all_named(tmp_path: Path) -> None:
    found = check_edited(tmp_path, lambda text: f"colour: red\nowner: me\n{text}")
    assert [code for code, _ in found] == ["PRP001", "PRP001"]


def test_no_front_matter(tmp_path: Path) -> None:
    (tmp_path / "PRPs/parts").mkdir(parents=True)
    (tmp_path / "PRPs/parts/prp.md").write_text("# Parts\n")
    (problem,) = check_all(Workspace(tmp_path, KitConfig()))
    assert problem.code == "PRP001"


@pytest.mark.parametrize("section", SECTIONS)
def test_a_missing_section_is_named(tmp_path: Path, section: str) -> None:
    ((code, reason),) = check_edited(tmp_path, edit_body=replace(f"## {section}\n\nSaid.\n\n", ""))
    assert code == "PRP004"
    assert section in reason


def test_an_empty_section_and_a_placeholder_are_found(tmp_path: Path) -> None:
    found = check_edited(tmp_path, edit_body=replace("## Why\n\nSaid.", "## Why\n\n"))
    assert [code for code, _ in found] == ["PRP004"]


def test_a_placeholder_is_found_at_its_line(tmp_path: Path) -> None:
    check_edited(tmp_path, edit_body=replace("## Purpose\n\nSaid.", "## Purpose\n\n{{ why }}"))
    (problem,) = check_all(Workspace(tmp_path, KitConfig()))
    path, _, line = problem.place.partition(":")
    assert (problem.code, (tmp_path / path).read_text().splitlines()[int(line) - 1]) == (
        "PRP003",
        "{{ why }}",
    )


def test_a_draft_may_be_incomplete_but_not_contradictory(tmp_path: Path) -> None:
    found = check_edited(
        tmp_path,
        lambda text: text.replace("ready", "draft").replace("[T1]", "[T9]"),
        lambda _: "{{ all of it }}",
    )
    assert [code for code, _ in found] == ["PRP006"]


def test_a_test_that_exists_must_hold_the_function(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_old.py").write_text("def test_old(): ...\n")
    good = replace(f"{TEST}::test_create", "tests/test_old.py::test_old")
    assert check_edited(tmp_path, good) == []
    (tmp_path / "tests/test_old.py").write_text("def test_older(): ...\n")
    (problem,) = check_all(Workspace(tmp_path, KitConfig()))
    assert problem.code == "PRP009"


def test_shipped_prps_pass() -> None:
    from mcp_server.gates.registry import all_gates

    workspace = Workspace.open(ROOT)
    assert workspace.files("PRPs/*/prp.md")
    assert check_all(workspace, {gate.id for gate in all_gates()}) == ()


def test_the_spec_of_products_is_that_of_the_shipped_feature() -> None:
    from mcp_server.changes import ledger
    from mcp_server.features.load import load_spec

    head = (ROOT / "PRPs/products/prp.md").read_text().split("\n---\n")[0].removeprefix("---\n")
    written = load_spec(yaml.safe_load(head)["spec"])
    assert written == load_spec(ledger.read(Workspace.open(ROOT))["product"].spec)


def test_the_template_has_every_section_and_is_no_prp_yet() -> None:
    text = (ROOT / "PRPs/templates/feature.md").read_text()
    assert tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)) == SECTIONS
    assert "{{" in text
