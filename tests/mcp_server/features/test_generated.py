"""Whatever valid spec is drawn: its feature passes the gates, its own generated tests among them.

The drawn specs are scaffolded into scratch workspaces, a batch into each, and proven together; a failing batch prints
its specs.
"""

import json
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from demo.scratch import scratch_workspace
from mcp_server.features.spec import FeatureSpec
from mcp_server.gates.result import GateResult
from mcp_server.operations.known_features import catalog_of
from mcp_server.operations.scaffold_feature import ScaffoldRequest
from mcp_server.operations.scaffolding import scaffold
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.features.proving import GATES, explained, judge, objections
from tests.mcp_server.features.strategies import specs

ROOT = Path(__file__).parents[3]
DRAWN = 44
WHOLLY = 5
"""Features beside which all tests of the service run, among them those that ask hundreds of questions of every route."""


def drawn_specs() -> list[FeatureSpec]:
    """The same varied specs on every run."""
    drawn: list[FeatureSpec] = []

    @settings(
        max_examples=DRAWN,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(specs(catalog_of(Workspace.open(ROOT)), targets=("category", "product", "user")))
    def draw(spec: FeatureSpec) -> None:
        if all(spec.fields != other.fields for other in drawn):
            drawn.append(spec)

    draw()
    return drawn


def batches(drawn: list[FeatureSpec]) -> list[list[FeatureSpec]]:
    """Groups within which no two features have the same name; the first, proven by every test, is a small one."""
    found: list[list[FeatureSpec]] = [drawn[:1]]
    for spec in drawn[1:]:
        room = (batch for number, batch in enumerate(found) if number or len(batch) < WHOLLY)
        home = next((batch for batch in room if not any(_clash(spec, other) for other in batch)), None)
        if home is None:
            found.append([spec])
        else:
            home.append(spec)
    return found


def _clash(one: FeatureSpec, other: FeatureSpec) -> bool:
    return bool({one.feature, one.plural} & {other.feature, other.plural})


async def prove(
    workspace: Workspace, batch: list[FeatureSpec], *, wholly: bool
) -> tuple[tuple[GateResult, ...], float]:
    """The results of the gates, and the seconds it took to scaffold."""
    started = perf_counter()
    for spec in batch:
        await scaffold(workspace, ScaffoldRequest(spec=spec.to_document()))
    seconds = perf_counter() - started
    return await judge(workspace, [spec.names for spec in batch], wholly=wholly), seconds


async def test_every_drawn_feature_passes_the_gates(capsys: pytest.CaptureFixture[str]) -> None:
    drawn, started, scaffolding = drawn_specs(), perf_counter(), 0.0
    # Mostly 28 to 38; which ones they are depends on all the code that is loaded.
    assert len(drawn) >= DRAWN // 2
    for number, batch in enumerate(batches(drawn)):
        with scratch_workspace(ROOT) as root:
            results, seconds = await prove(Workspace.open(root), batch, wholly=not number)
        scaffolding += seconds
        assert {result.gate for result in results} == {*GATES, "tests"}
        bad = objections(results)
        assert not bad, explained(bad, *(json.dumps(spec.to_document()) for spec in batch))
        tests = next(result for result in results if result.gate == "tests")
        assert int(tests.summary.split(maxsplit=1)[0]) > len(batch)
    seconds = perf_counter() - started
    with capsys.disabled():
        print(  # noqa: T201 -- the figure is part of the promise
            f"\n{len(drawn)} drawn features: {1000 * scaffolding / len(drawn):.0f} ms to scaffold one, "
            f"{seconds / len(drawn):.1f} s to scaffold and prove one"
        )
