"""The steps between two tables lead from one to the other, and back, through states that a database accepts."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from mcp_server.schema.difference import schema_steps, steps
from mcp_server.schema.fill import Constant, FirstRow, OwnKey
from mcp_server.schema.operations import (
    AddColumn,
    AddForeignKey,
    AddUnique,
    AlterColumn,
    CreateTable,
    DropForeignKey,
    DropIndex,
    DropTable,
    RenameColumn,
    RenameTable,
    SchemaOperation,
    reverse,
)
from mcp_server.schema.table import Column, ColumnType, ForeignKey, Index, Table, Unique
from tests.mcp_server.schema.model import Model
from tests.mcp_server.schema.pairs import Pair, pairs

INT, TEXT = ColumnType("int"), ColumnType("string", length=20)
KEY = Column("id", INT, primary_key=True)


def backwards(operations: tuple[SchemaOperation, ...]) -> list[SchemaOperation]:
    return [back for back in map(reverse, reversed(operations)) if back is not None]


def table(
    name: str, *columns: Column, uniques: tuple[Unique, ...] = (), indexes: tuple[Index, ...] = ()
) -> Table:
    return Table(name, (KEY, *columns), uniques, (), indexes)


def reference(to: str, name: str = "") -> Column:
    column = f"{name or to}_id"
    return Column(column, INT, nullable=True, foreign_key=ForeignKey(to, "id", "CASCADE", f"fk_{column}"))


@settings(
    max_examples=300,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(pairs())
def test_steps_lead_to_the_new_table_and_back(pair: Pair) -> None:
    made = steps(pair.old, pair.new, renamed=pair.renamed, relabelled=pair.relabelled)
    model = Model([pair.old]).after(made)
    assert model.canonical() == Model([pair.new]).canonical()
    assert model.after(backwards(made)).canonical() == Model([pair.old]).canonical()


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(pairs())
def test_no_step_leads_to_the_same_table_in_another_order(pair: Pair) -> None:
    old = pair.old
    shuffled = Table(
        old.name, old.columns[::-1], old.uniques[::-1], old.checks[::-1], old.indexes[::-1], old.primary_key
    )
    assert steps(old, shuffled) == ()


def test_columns_may_swap_their_names() -> None:
    first, second = Column("first", TEXT), Column("second", INT)
    unique = Unique("uq_pairs", ("first",))
    old = table("pairs", first, second, uniques=(unique,))
    new = table("pairs", replace(first, name="second"), replace(second, name="first"), uniques=(unique,))
    made = steps(old, new, renamed={"first": "second", "second": "first"})
    assert [one.name for one in made if isinstance(one, RenameColumn)] == ["first_1", "first", "second"]
    assert Model([old]).after(made).canonical() == Model([new]).canonical()


def test_an_index_is_replaced_before_it_goes() -> None:
    """MySQL drops no index that a foreign key needs; the new one serves it as well."""
    old = table("books", reference("shops"), indexes=(Index("ix_books_shops_id", ("shops_id",)),))
    new = table("books", reference("shops"), uniques=(Unique("uq_books_shops_id", ("shops_id",)),))
    assert [type(one) for one in steps(old, new)] == [AddUnique, DropIndex]


def test_what_existing_rows_get() -> None:
    old = table("books", Column("title", TEXT, nullable=True))
    new = table(
        "books",
        Column("title", TEXT),
        Column("code", TEXT),
        Column("pages", INT),
        replace(reference("shops"), nullable=False),
        uniques=(Unique("uq_books_code", ("code",)),),
    )
    made = steps(old, new, fills={"pages": Constant(1)})
    fills = {one.column.name: one.fill for one in made if isinstance(one, AddColumn)}
    assert fills == {"code": OwnKey(), "pages": Constant(1), "shops_id": FirstRow("shops", "id")}
    assert [one.fill for one in made if isinstance(one, AlterColumn)] == [Constant("")]


def test_tables_that_refer_to_each_other() -> None:
    shops, books = table("shops", reference("books")), table("books", reference("shops"))
    made = schema_steps((), (shops, books))
    assert [type(one) for one in made] == [CreateTable, CreateTable, AddForeignKey]
    assert Model().after(made).canonical() == Model().after(made).canonical()
    gone = schema_steps((shops, books), ())
    assert [type(one) for one in gone] == [DropForeignKey, DropTable, DropTable]
    assert Model().after(made).after(gone).tables == {}


def test_tables_are_made_after_and_dropped_before_those_they_refer_to() -> None:
    old = (table("authors"), table("books", reference("authors")))
    new = (table("books", reference("shops")), table("shops"), table("visits", reference("shops")))
    made = schema_steps(old, new)
    created = [one.table.name for one in made if isinstance(one, CreateTable)]
    assert created == ["shops", "visits"]
    assert isinstance(made[-1], DropTable)
    model = Model(old[:1]).after([CreateTable(old[1])])
    assert model.after(made).canonical() == Model(new).canonical()


def links(name: str) -> Table:
    """A table of two keys, with every name that follows its own."""
    keys = [
        Column(
            f"{one}_id",
            INT,
            primary_key=True,
            foreign_key=ForeignKey(f"{one}s", "id", "CASCADE", f"fk_{name}_{one}"),
        )
        for one in ("book", "tag")
    ]
    return Table(
        name, tuple(keys), indexes=(Index(f"ix_{name}_tag_id", ("tag_id",)),), primary_key=f"pk_{name}"
    )


def test_a_table_is_renamed_with_its_names_and_back() -> None:
    beside = (table("books"), table("tags"))
    old, new = (*beside, links("book_tags")), (*beside, links("book_labels"))
    made = schema_steps(old, new, moved={"book_tags": "book_labels"})
    assert made == (RenameTable(old[-1], new[-1]),)
    assert Model(old).after(made).canonical() == Model(new).canonical()
    assert Model(new).after(backwards(made)).canonical() == Model(old).canonical()


def test_only_names_are_renamed_and_only_into_free_ones() -> None:
    old, taken = links("book_tags"), links("book_labels")
    with pytest.raises(ValueError, match="differ in more than their names"):
        schema_steps(
            (old,), (replace(taken, columns=taken.columns[::-1]),), moved={"book_tags": "book_labels"}
        )
    with pytest.raises(ValueError, match="there are tables already"):
        schema_steps((old, taken), (taken,), moved={"book_tags": "book_labels"})


@pytest.mark.parametrize(
    "new",
    [
        replace(table("books"), name="shops"),
        Table("books", (Column("number", INT, primary_key=True),)),
        replace(table("books"), primary_key="pk"),
    ],
)
def test_another_table_or_primary_key_is_refused(new: Table) -> None:
    with pytest.raises(ValueError, match="books"):
        steps(table("books"), new)


def test_renames_of_what_is_not_there_are_refused() -> None:
    mood = Column("mood", ColumnType("enum", values=("a", "b")))
    with pytest.raises(ValueError, match="no such columns"):
        steps(table("books", mood), table("books", mood), renamed={"title": "mood"})
    with pytest.raises(ValueError, match="no such labels"):
        steps(table("books", mood), table("books", mood), relabelled={"mood": {"c": "a"}})
