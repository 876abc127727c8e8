"""Written changes do what they say on databases with rows: up, down and up again."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import Connection, StaticPool, create_engine

from mcp_server.schema.difference import steps
from tests.mcp_server.migrations.changes import there_and_back, written
from tests.mcp_server.migrations.test_write import ruff
from tests.mcp_server.schema.pairs import Pair, pairs

QUICK = settings(
    deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Connection]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect() as connection:
        yield connection


def unchanged(pair: Pair) -> dict[str, str]:
    """Old to new name of the columns whose values must survive: nothing was filled or relabelled in them."""
    targets = {column.name: column for column in pair.new.columns}
    taken = set(pair.renamed.values())
    return {
        column.name: to
        for column in pair.old.columns
        if column.name in pair.renamed or column.name not in taken
        if (to := pair.renamed.get(column.name, column.name)) in targets
        if to not in pair.relabelled and column.nullable <= targets[to].nullable
    }


@settings(QUICK, max_examples=40)
@given(pairs())
def test_random_changes_are_written_as_the_formatter_and_the_linter_want_them(pair: Pair) -> None:
    text = written(steps(pair.old, pair.new, renamed=pair.renamed, relabelled=pair.relabelled))
    assert ruff("format", "--diff", text=text) == ""
    assert ruff("check", text=text) == ""


@settings(QUICK, max_examples=100)
@given(pairs())
def test_random_changes_keep_rows_both_ways(sqlite: Connection, pair: Pair) -> None:
    operations = steps(pair.old, pair.new, renamed=pair.renamed, relabelled=pair.relabelled)
    there_and_back(sqlite, pair.old, pair.new, operations, rows=1, same=unchanged(pair))
