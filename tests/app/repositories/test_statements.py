"""Statements are built once per shape and kept. Clients choose the filters of a list: what is kept for that is bounded."""

from typing import Any

import pytest

from app.repositories.base import Repository
from app.repositories.keyset import KeysetRepository
from app.repositories.statements import STATEMENTS_KEPT


@pytest.mark.parametrize(
    "build",
    [Repository._page_statement, Repository._count_statement, KeysetRepository._walk_statement],
    ids=["page", "count", "walk"],
)
def test_as_many_statements_of_lists_are_kept_as_there_is_room_for(build: Any) -> None:
    assert build.__func__.cache_info().maxsize == STATEMENTS_KEPT
