"""`merge` between what two drawn specs produce, in files that were edited at random."""

import ast
import asyncio
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mcp_server.features.edits.conflicts import EditConflict
from mcp_server.features.edits.merge import merge
from mcp_server.features.generate import generate
from mcp_server.features.spec import FeatureSpec
from mcp_server.operations.formatting import format_sources
from mcp_server.operations.known_features import catalog_of
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.features.edits.changed_specs import changes
from tests.mcp_server.features.edits.hand_edits import edit, shuffle

ROOT = Path(__file__).parents[4]
PAIRS = 40


class Difference(NamedTuple):
    """One file of a feature, before and after its spec changed."""

    path: str
    base: str
    wanted: str


@cache
def differences() -> Sequence[Difference]:
    """The same varied ones on every run, formatted by one process."""
    workspace = Workspace.open(ROOT)
    catalog, drawn = catalog_of(workspace), list[tuple[FeatureSpec, FeatureSpec]]()

    @settings(
        max_examples=PAIRS,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(changes(catalog))
    def draw(pair: tuple[FeatureSpec, FeatureSpec]) -> None:
        drawn.append(pair)

    draw()
    sources = {
        f"{number}/{side}/{path}": text
        for number, pair in enumerate(drawn)
        for side, spec in enumerate(pair)
        for path, text in generate(spec, catalog, workspace.layout).items()
    }
    formatted = asyncio.run(format_sources(workspace, sources))
    found = []
    for key, base in formatted.items():
        number, side, path = key.split("/", 2)
        if side == "0" and formatted[f"{number}/1/{path}"] != base:
            found.append(Difference(path, base, formatted[f"{number}/1/{path}"]))
    return found


@pytest.fixture(scope="module", autouse=True)
def drawn_before() -> None:
    """Hypothesis draws the specs by itself, not inside of a test that draws."""
    differences()


def meaning(text: str) -> tuple[Counter[str], list[str]]:
    """The imports, in any order, and everything else."""
    imports, rest = Counter[str](), list[str]()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports.update(
                ast.dump(ast.Import([each])) + str(getattr(node, "module", "")) for each in node.names
            )
        else:
            rest.append(ast.dump(node))
    return imports, rest


def without(text: str, added: Sequence[str]) -> str:
    """The text without these lines; every one of them must be there."""
    left, lines = Counter(added), []
    for line in text.splitlines():
        if left[line]:
            left[line] -= 1
        else:
            lines.append(line)
    assert not +left, f"lost: {+left}"
    return "\n".join(lines) + "\n"


def blamed(current: str, line: int) -> str:
    """The text of what begins in a line."""
    ends = [line]
    for node in ast.walk(ast.parse(current)):
        decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
        if min([getattr(node, "lineno", 0), *(each.lineno for each in decorators)]) == line:
            ends.append(getattr(node, "end_lineno", line))
    return "\n".join(current.splitlines()[line - 1 : max(ends)])


def outcome(difference: Difference, current: str) -> str | EditConflict:
    """The merged file, after checking that it is Python and final; or why there is none."""
    path, base, wanted = difference
    try:
        result = merge(path, base, wanted, current)
    except EditConflict as conflict:
        return conflict
    ast.parse(result)
    assert merge(path, base, wanted, result) == result
    assert merge(path, wanted, wanted, result) == result
    return result


NUMBERS = st.integers(0, 10_000)
RANDOMS = st.randoms(use_true_random=False)


@given(number=NUMBERS, random=RANDOMS, times=st.integers(1, 5))
@settings(max_examples=250)
def test_what_people_add_commutes_with_what_the_spec_changes(number: int, random: Random, times: int) -> None:
    difference = differences()[number % len(differences())]
    current = edit(random, difference.base, times)
    result = outcome(difference, current.text)
    if isinstance(result, str):
        assert meaning(without(result, current.added)) == meaning(difference.wanted)
    else:
        for problem in result.problems:
            assert problem.code == "EDT003", problem
            place = blamed(current.text, int(problem.place.rpartition(":")[2]))
            assert any(line.strip() in place for line in current.added), f"{problem}: nobody touched {place}"


@given(number=NUMBERS, random=RANDOMS, times=st.integers(1, 6))
@settings(max_examples=200)
def test_whatever_people_do_is_kept_or_refused(number: int, random: Random, times: int) -> None:
    difference = differences()[number % len(differences())]
    result = outcome(difference, shuffle(random, difference.base, times))
    if isinstance(result, EditConflict):
        assert result.problems
        assert result.patch.startswith(f"--- a/{difference.path}\n+++ b/{difference.path}\n@@ ")


@given(number=NUMBERS, other=NUMBERS, windows=st.booleans())
@settings(max_examples=80)
def test_a_file_of_quite_another_kind_is_kept_or_refused(number: int, other: int, windows: bool) -> None:
    files = sorted((ROOT / "mcp_server").rglob("*.py"))
    current = files[other % len(files)].read_text(encoding="utf-8")
    current = current.replace("\n", "\r\n") if windows else current
    result = outcome(differences()[number % len(differences())], current)
    if isinstance(result, str):
        lost = Counter(current.splitlines()) - Counter(result.splitlines())
        assert all("import" in line for line in lost), lost
