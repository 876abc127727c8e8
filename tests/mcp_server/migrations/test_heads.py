"""The revision graph, from source alone."""

import pytest

from mcp_server.migrations import heads
from mcp_server.workspace.errors import KitError


def revision(id_: str, *parents: str) -> tuple[str, str]:
    down = repr(parents[0]) if len(parents) == 1 else repr(parents or None)
    text = f'"""Message of {id_}\n\nMore."""\nrevision: str = "{id_}"\ndown_revision = {down}\n'
    return f"alembic/versions/{id_}_x.py", text


def codes(caught: pytest.ExceptionInfo[KitError]) -> list[str]:
    return [problem.code for problem in caught.value.problems]


def test_a_line_of_revisions_has_one_head() -> None:
    graph = heads.parse(dict([revision("c", "b"), revision("a"), revision("b", "a")]))
    assert graph.head == "c"
    assert [one.id for one in graph.pending(())] == ["a", "b", "c"]
    assert [one.id for one in graph.pending(("a",))] == ["b", "c"]
    assert graph.pending(("c",)) == ()
    assert graph.revisions["b"].message == "Message of b"
    assert graph.revisions["b"].line == 5


def test_no_revision_is_no_head() -> None:
    assert heads.parse({"alembic/versions/__init__.py": ""}).head is None


def test_two_heads_name_the_file_to_edit() -> None:
    graph = heads.parse(dict([revision("a"), revision("b", "a"), revision("x", "a"), revision("y", "x")]))
    assert graph.heads == ("b", "y")
    with pytest.raises(KitError) as caught:
        _ = graph.head
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("MIG001", "alembic/versions/x_x.py:5")
    assert 'down_revision = "b"' in problem.hint


def test_a_merge_ends_two_heads() -> None:
    graph = heads.parse(
        dict([revision("a"), revision("b", "a"), revision("c", "a"), revision("d", "b", "c")])
    )
    assert graph.head == "d"
    assert [one.id for one in graph.pending(("b",))] == ["c", "d"]


def test_every_problem_is_reported_at_once() -> None:
    files = dict([revision("a"), revision("b", "missing"), revision("c", "d"), revision("d", "c")])
    files["alembic/versions/second_a.py"] = revision("a")[1]
    files["alembic/versions/broken.py"] = "def"
    files["alembic/versions/computed.py"] = "revision = str(1)\ndown_revision = None\n"
    files["alembic/versions/other.py"] = "x = 1\n"
    with pytest.raises(KitError) as caught:
        heads.parse(files)
    assert sorted(codes(caught)) == ["MIG002", "MIG003", "MIG004", "MIG004", "MIG005", "MIG005", "MIG005"]
