"""Routes of a router with a prefix of its own."""

import pytest

from mcp_server.features.edits.conflicts import EditConflict
from mcp_server.features.edits.merge import merge

PATH = "app/api/v1/rows.py"
ROUTES = 'router = APIRouter()\n\n\n@router.get("/a")\ndef rows(): ...\n\n\n@router.get("/a/{id}")\ndef row(): ...\n'
BELOW = ROUTES.replace("APIRouter()", 'APIRouter(prefix="/a")').replace('get("/a', 'get("')
MORE = '\n\n@router.post("/a")\ndef add(): ...\n\n\n@router.get("/a/{id}/b")\ndef parts(): ...\n'
ASTRAY = '\n\n@router.get("/ab/{id}/a")\ndef whole(): ...\n'


def test_a_route_is_put_below_the_prefix_of_a_router() -> None:
    assert merge(PATH, ROUTES, ROUTES + MORE, BELOW) == BELOW + MORE.replace('"/a', '"')
    assert merge(PATH, ROUTES + MORE, ROUTES, BELOW + MORE.replace('"/a', '"')) == BELOW


def test_a_route_that_cannot_be_below_the_prefix_is_named() -> None:
    with pytest.raises(EditConflict) as caught:
        merge(PATH, ROUTES, ROUTES + MORE + ASTRAY, BELOW)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("EDT007", f"{PATH}:1")
    assert "`/ab/{id}/a` does not begin with `/a`" in problem.reason
    assert '+@router.get("/ab/{id}/a")\n' in caught.value.patch
    with_rest = merge(PATH, ROUTES, ROUTES + MORE + ASTRAY, BELOW, by_hand=True)
    assert with_rest == BELOW + MORE.replace('"/a', '"')
