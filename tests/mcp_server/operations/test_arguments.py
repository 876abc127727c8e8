"""What a caller is told about arguments that cannot be used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.operations.arguments import parse_arguments
from mcp_server.operations.registry import OPERATIONS
from mcp_server.operations.result import Request
from mcp_server.workspace.errors import InvalidInput, Problem

APPLY = OPERATIONS["apply_migration"]


def problems(name: str, arguments: dict[str, object]) -> tuple[Problem, ...]:
    with pytest.raises(InvalidInput) as raised:
        parse_arguments(OPERATIONS[name], arguments)
    return raised.value.problems


def test_a_misspelt_argument_names_the_right_one() -> None:
    (problem,) = problems("scaffold_feature", {"filter": ["name"]})
    assert (problem.code, problem.place, problem.hint) == ("ARG001", "filter", "Did you mean `filters`?")


def test_a_stranger_gets_the_list_of_arguments() -> None:
    (problem,) = problems("run_quality_gates", {"zzz": 1})
    assert problem.hint == "Known arguments: only, changed, no_cache, run_id."


def test_a_missing_argument_says_what_it_is() -> None:
    (problem,) = problems("apply_migration", {})
    assert (problem.code, problem.place, problem.hint) == ("ARG002", "token", "From plan_migration")


def test_every_problem_is_reported_with_its_place() -> None:
    found = problems("scaffold_feature", {"fields": ["a", 1, None], "unique": [["a"], "b"], "dry_run": []})
    assert [problem.place for problem in found] == ["fields[1]", "fields[2]", "unique[1]", "dry_run"]
    assert {problem.code for problem in found} == {"ARG003"}


def test_a_union_is_one_problem() -> None:
    (problem,) = problems("scaffold_feature", {"spec": 3})
    assert problem.place == "spec"


def test_a_rejected_value_is_not_repeated() -> None:
    (problem,) = problems("apply_migration", {"token": {"secret": "hunter2"}})
    assert "hunter2" not in str(problem)


@given(st.dictionaries(st.text(), st.none() | st.integers() | st.text() | st.lists(st.text()), max_size=5))
def test_whatever_is_sent_gives_a_request_or_short_problems(arguments: dict[str, object]) -> None:
    found: Request | tuple[Problem, ...]
    try:
        found = parse_arguments(APPLY, arguments)
    except InvalidInput as error:
        found = error.problems
    if isinstance(found, tuple):
        assert found
        assert all(len(str(problem)) < 400 for problem in found)
