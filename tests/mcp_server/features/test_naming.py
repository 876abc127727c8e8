"""Derived names: plurals, classes, attributes, enum members, constraints; and the lists of reserved words."""

import keyword
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS
from sqlalchemy.dialects.sqlite.base import SQLiteIdentifierPreparer

from app.models.base import Base
from mcp_server.features.imports import IMPORTABLE
from mcp_server.features.inflection import pluralise, singular_of
from mcp_server.features.naming import Names, attribute_name, constraint_name, is_name, member_names, sql_name
from mcp_server.features.reserved import ATTRIBUTES, CLASSES, MIXIN_COLUMNS, SQL_WORDS
from mcp_server.features.spec import FieldSpec, TypeSpec

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}(_[a-z0-9]{1,8}){0,3}", fullmatch=True)


@pytest.mark.parametrize(
    ("singular", "plural"),
    [
        ("product", "products"), ("category", "categories"), ("day", "days"), ("box", "boxes"), ("quiz", "quizzes"),
        ("buzz", "buzzes"), ("status", "statuses"), ("address", "addresses"), ("bus", "buses"), ("case", "cases"),
        ("branch", "branches"), ("wish", "wishes"), ("epoch", "epochs"), ("hero", "heroes"), ("photo", "photos"),
        ("person", "people"), ("salesperson", "salespeople"), ("grandchild", "grandchildren"), ("analysis", "analyses"),
        ("order_analysis", "order_analyses"), ("news", "news_items"), ("series", "series_items"),
        ("stock_data", "stock_data_items"), ("order_item", "order_items"), ("soliloquy", "soliloquies"),
        ("leaf", "leaves"), ("index", "indexes"), ("line_2", "line_2s"), ("y", "ys"), ("matrix", "matrices"),
        ("species", "species_items"), ("equipment", "equipment_items"), ("medium", "media"), ("it", "its"),
        ("mine", "mines"), ("thief", "thieves"), ("staff", "staff_items"), ("sms", "sms_items"), ("criterion", "criteria"),
    ],
)  # fmt: skip
def test_plurals(singular: str, plural: str) -> None:
    assert pluralise(singular) == plural


@given(NAMES)
def test_a_plural_is_another_name(name: str) -> None:
    assert is_name(pluralise(name))
    assert pluralise(name) != name


@pytest.mark.parametrize(
    ("name", "singular"),
    [
        ("products", "product"), ("categories", "category"), ("boxes", "box"), ("addresses", "address"),
        ("cases", "case"), ("people", "person"), ("order_items", "order_item"), ("product", None), ("address", None),
        ("status", None), ("bus", None), ("analysis", None), ("news", None), ("lens", None), ("series", None),
        ("physics", None), ("gas", None), ("axis", None), ("dns", None), ("leaves", "leaf"), ("children", "child"),
        ("wolves", "wolf"), ("data", None), ("criteria", "criterion"), ("sms", None), ("species", None), ("us", None),
    ],
)  # fmt: skip
def test_only_sure_plurals_are_recognised(name: str, singular: str | None) -> None:
    assert singular_of(name) == singular


def test_the_library_is_imported_for_the_first_plural_and_without_checking_itself() -> None:
    code = """
import sys
from mcp_server.features import inflection, load, validate
assert "inflect" not in sys.modules
assert inflection.pluralise("category") == "categories"
assert "inflect" in sys.modules and not [name for name in sys.modules if name.startswith("typeguard")]
"""
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 -- our own interpreter and code


def test_names_of_a_feature() -> None:
    names = Names.of("order_item", "order_items")
    assert (names.model_class, names.table, names.path, names.title) == (
        "OrderItem", "order_items", "order-items", "order item",
    )  # fmt: skip
    assert names.schema("Create") == "OrderItemCreate"


@pytest.mark.parametrize(
    "feature",
    ["page", "index", "list", "bulk", "unit", "email", "repository", "json", "date", "warning", "none"],
)
def test_classes_stay_clear_of_the_apps_own(feature: str) -> None:
    names = Names.of(feature, f"{feature}_items")
    kinds = ("Create", "Update", "Read", "Query", "Page", "Bulk", "Record", "Repository", "Service")
    made = {names.model_class, *(names.schema(kind) for kind in kinds)}
    assert not made & (IMPORTABLE | CLASSES)


def test_every_class_that_generated_modules_import_is_reserved() -> None:
    assert {
        name for name in IMPORTABLE if name[0].isupper() and not name.replace("_", "").isupper()
    } <= CLASSES


def test_reserved_attributes_cover_the_installed_libraries() -> None:
    public = {name for name in dir(BaseModel) if not name.startswith("_")}
    assert public <= ATTRIBUTES
    assert set(keyword.kwlist) <= ATTRIBUTES
    own = {name for name in dir(Base) if not name.startswith("_")} - set(Base.__annotations__)
    assert own <= ATTRIBUTES
    assert set(Base.__annotations__) <= MIXIN_COLUMNS


def test_reserved_sql_words_cover_the_dialects() -> None:
    assert RESERVED_WORDS | SQLiteIdentifierPreparer.reserved_words <= SQL_WORDS
    assert (sql_name("order"), sql_name("price")) == ('"order"', "price")


@pytest.mark.parametrize("name", ["class", "from", "metadata", "schema", "copy", "str", "dt", "self", "list"])
def test_reserved_names_keep_column_and_json_name(name: str) -> None:
    field = FieldSpec(name, TypeSpec("string", max=5))
    assert (field.column, field.json_name) == (name, name)
    assert field.attribute == field.schema_attribute == f"{name}_"


@pytest.mark.parametrize("name", ["type", "hash", "format", "filter", "id_number", "match", "case"])
def test_builtins_are_plain(name: str) -> None:
    assert attribute_name(name) == name


def test_a_reference_has_three_names() -> None:
    field = FieldSpec("class", TypeSpec("ref", target="course"), nullable=True)
    assert (field.column, field.json_name, field.relation) == ("class_id", "class_public_id", "class_")
    assert (field.attribute, field.schema_attribute) == ("class_id", "class_public_id")
    assert field.delete_rule == "set_null"


@given(st.lists(st.text(min_size=1), min_size=1, max_size=20, unique=True))
def test_members_of_an_enum_are_different_identifiers(values: list[str]) -> None:
    members = member_names(tuple(values))
    assert len(set(members)) == len(values)
    assert all(
        member.isidentifier() and member.isascii() and not member.startswith("_") for member in members
    )
    assert all(member.isupper() and not keyword.iskeyword(member) for member in members)


def test_members_of_awkward_labels() -> None:
    assert member_names(("In review", "1st", "über", "straße", "部品", "a-b", "a b")) == (
        "IN_REVIEW",
        "V_1ST",
        "UBER",
        "STRASSE",
        "VALUE",
        "A_B",
        "A_B_2",
    )


@given(st.sampled_from(["pk", "uq", "ix", "ck", "fk"]), NAMES, st.lists(NAMES, min_size=1, max_size=6))
def test_constraint_names_fit_every_database(kind: str, table: str, columns: list[str]) -> None:
    name = constraint_name(kind, table, *columns)
    assert len(name.encode()) <= 60
    assert is_name(name)
    assert name == constraint_name(kind, table, *columns)
    plain = "_".join((kind, table, *columns))
    assert (name == plain) == (len(plain) <= 60)


def test_long_constraint_names_differ_where_their_beginnings_do_not() -> None:
    columns = ["a_rather_long_column_name", "another_rather_long_column_name"]
    one, other = constraint_name("uq", "table", *columns, "x"), constraint_name("uq", "table", *columns, "y")
    assert one != other
    assert one == "uq_table_a_rather_long_column_name_another_rather_l_" + one[-8:]
