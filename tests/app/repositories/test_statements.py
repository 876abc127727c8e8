"""Statements are built once per shape and kept. Clients choose the filters of a list: what is kept for that is bounded."""

from typing import Any

import pytest
from sqlalchemy import select

from app.models.product import Product
from app.models.review import Review
from app.models.user import User
from app.repositories.base import Repository
from app.repositories.conditions import public_id_of
from app.repositories.keyset import KeysetRepository
from app.repositories.statements import STATEMENTS_KEPT


@pytest.mark.parametrize(
    "build",
    [Repository._page_statement, Repository._count_statement, KeysetRepository._walk_statement],
    ids=["page", "count", "walk"],
)
def test_as_many_statements_of_lists_are_kept_as_there_is_room_for(build: Any) -> None:
    assert build.__func__.cache_info().maxsize == STATEMENTS_KEPT


def test_all_references_to_a_model_are_read_by_one_alias() -> None:
    """With 200 features that refer to categories, as many aliases cost a quarter of a second at the start."""
    statement = select(public_id_of(User, Product.owner_id), public_id_of(User, Review.owner_id))
    assert str(statement).count("FROM users AS users_1") == 2
