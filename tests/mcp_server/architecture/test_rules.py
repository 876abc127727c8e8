"""Every rule catches its bad example, leaves its good one alone, and is told apart from the others."""

from pathlib import Path

import pytest

from mcp_server.architecture.check import check
from mcp_server.architecture.layers import LAYERED
from mcp_server.architecture.registry import RULES, rule
from mcp_server.architecture.rule import Rule
from mcp_server.workspace.workspace import Workspace

ROOT = Path(__file__).parents[3]
by_id = pytest.mark.parametrize("item", RULES, ids=[item.id for item in RULES])


@by_id
def test_bad_example_is_caught_at_its_line(item: Rule) -> None:
    found = check({item.bad.path: item.bad.source})
    assert [(violation.line, violation.rule) for violation in found if violation.rule == item.id] == [
        (item.bad.line, item.id)
    ]


@by_id
def test_good_example_is_left_alone(item: Rule) -> None:
    found = check({item.good.path: item.good.source})
    assert [violation for violation in found if violation.rule == item.id] == []


@by_id
def test_rule_explains_itself(item: Rule) -> None:
    assert rule(item.id) is item
    assert item.title
    assert item.why.endswith(".")
    assert item.fix.endswith(".")
    assert item.layers


def test_ids_are_unique() -> None:
    ids = [item.id for item in RULES]
    assert len(ids) == len(set(ids)) >= 30


def test_the_service_is_clean() -> None:
    workspace = Workspace.open(ROOT)
    files = {path: workspace.text(path) for path in workspace.files(*LAYERED.globs)}
    assert {LAYERED.of_path(path) for path in files} >= set(LAYERED.patterns)
    assert check(files) == ()
