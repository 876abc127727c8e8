"""The comparison sees what `alembic check` does not."""

import pytest

from mcp_server.migrations.drift import drift
from tests.mcp_server.migrations.lab import Lab

CHANGES = [
    (
        "a label",
        'PUBLISHED = "published"',
        'PUBLISHED = "published"\n    GONE = "gone"',
        "check",
        "ck_books_status",
    ),
    ("the text of a check", '"price >= 0"', '"price > 0"', "check", "ck_books_price"),
    ("a server default", 'server_default="0"', 'server_default="1"', "column", "books.sold"),
    ("the predicate of an index", 'column("sold") == 0', 'column("sold") == 1', "index", "ix_books_current"),
    (
        "the action of a foreign key",
        'ondelete="CASCADE"',
        'ondelete="RESTRICT"',
        "foreign key",
        "(author_id)",
    ),
    ("a length", "String(200)", "String(250)", "column", "books.title"),
    ("null", "signed: Mapped[bool]", "signed: Mapped[bool | None]", "column", "books.signed"),
    ("a unique rule", "String(100), unique=True", "String(100)", "unique", "authors(name)"),
    (
        "a missing column",
        "    signed: Mapped",
        "    lent: Mapped[bool]\n    signed: Mapped",
        "column",
        "books.lent",
    ),
    ("a precision", "Numeric(10, 2)", "Numeric(12, 2)", "column", "books.price"),
    ("the name of a constraint", '0", name="price"', '0", name="cost"', "check", "ck_books_cost"),
]

INDEXES = [
    ("the expression of an index", "(lower(title))", "(upper(title))"),
    ("the direction of an index", "(title, price DESC)", "(title, price)"),
    ("the order of the columns of an index", "(title, price)", "(price, title)"),
    ("a unique index", "(title, price)", "UNIQUE (title, price)"),
]
"""What the revision and the model make of one index."""


async def test_sound_models_and_revisions_agree(lab: Lab) -> None:
    assert await drift(lab.workspace, lab.child) == ()


async def test_they_agree_on_postgresql(lab: Lab, server: str) -> None:
    assert await drift(lab.workspace, lab.child, server) == ()


@pytest.mark.parametrize(
    ("what", "old", "new", "kind", "place"), CHANGES, ids=[change[0] for change in CHANGES]
)
async def test_a_difference_is_found(lab: Lab, what: str, old: str, new: str, kind: str, place: str) -> None:
    lab.edit_models(old, new)
    found = await drift(lab.workspace, lab.child)
    assert any(one.kind == kind and place in one.place for one in found), found
    assert len({one.place.partition(".")[0].partition("(")[0] for one in found}) == 1, (
        "only one table was changed"
    )


@pytest.mark.parametrize(
    ("what", "old", "new", "kind", "place"), CHANGES, ids=[change[0] for change in CHANGES]
)
async def test_a_difference_is_found_on_postgresql(
    lab: Lab, server: str, what: str, old: str, new: str, kind: str, place: str
) -> None:
    lab.edit_models(old, new)
    found = await drift(lab.workspace, lab.child, server)
    assert any(one.kind == kind and place in one.place for one in found), found


def with_index(lab: Lab, migrated: str, modelled: str) -> None:
    """One more index on books, from SQL on both sides."""

    def sql(index: str) -> str:
        unique, _, columns = index.partition("(")
        return f"CREATE {unique}INDEX ix_books_more ON books ({columns}"

    revision = "alembic/versions/cccccccccccc_signed.py"
    lab.edit(
        revision,
        "def downgrade() -> None:\n",
        f"    op.execute({sql(migrated)!r})\n\n\ndef downgrade() -> None:\n",
    )
    with (lab.workspace.root / "app/models/tables.py").open("a") as file:
        file.write(f"\n\nevent.listen(Book.__table__, 'after_create', DDL({sql(modelled)!r}))\n")
    lab.edit_models("from sqlalchemy import (", "from sqlalchemy import DDL, event\nfrom sqlalchemy import (")


@pytest.mark.parametrize(("what", "migrated", "modelled"), INDEXES, ids=[index[0] for index in INDEXES])
async def test_a_different_index_is_found(lab: Lab, what: str, migrated: str, modelled: str) -> None:
    with_index(lab, migrated, modelled)
    found = await drift(lab.workspace, lab.child)
    assert [(one.kind, one.place) for one in found] == [("index", "books.ix_books_more")]


@pytest.mark.parametrize(("what", "migrated", "modelled"), INDEXES, ids=[index[0] for index in INDEXES])
async def test_a_different_index_is_found_on_postgresql(
    lab: Lab, server: str, what: str, migrated: str, modelled: str
) -> None:
    with_index(lab, migrated, modelled)
    found = await drift(lab.workspace, lab.child, server)
    assert [(one.kind, one.place) for one in found] == [("index", "books.ix_books_more")]


async def test_two_constraints_that_get_one_name_are_found(lab: Lab) -> None:
    lab.edit_models("uq_%(table_name)s_%(column_0_N_name)s", "uq_%(table_name)s_%(column_0_name)s")
    lab.edit_models(
        'UniqueConstraint("author_id", "title")',
        'UniqueConstraint("author_id", "title"), UniqueConstraint("author_id", "price")',
    )
    found = await drift(lab.workspace, lab.child)
    assert [(one.kind, one.place) for one in found] == [("one name twice", "books.uq_books_author_id")]


async def test_a_new_model_without_a_revision_is_one_difference(lab: Lab) -> None:
    with (lab.workspace.root / "app/models/tables.py").open("a") as file:
        file.write('\n\nclass Shop(Base):\n    __tablename__ = "shops"\n')
    (only,) = await drift(lab.workspace, lab.child)
    assert (only.kind, only.place, only.migrated) == ("table", "shops", "nothing")


async def test_a_table_that_no_model_has_is_found(lab: Lab) -> None:
    lab.load("two_heads")
    lab.edit("alembic/versions/dddddddddddd_shops.py", '"bbbbbbbbbbbb"', '"cccccccccccc"')
    (only,) = await drift(lab.workspace, lab.child)
    assert (only.kind, only.place, only.modelled) == ("table", "shops", "nothing")
