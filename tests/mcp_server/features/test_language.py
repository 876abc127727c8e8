"""Specs as text and back: shorthand, YAML, JSON and the canonical document say the same thing."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.features.catalog import Catalog, KnownFeature
from mcp_server.features.load import load_spec, load_text, read_document
from mcp_server.features.problems import CODES
from mcp_server.features.shorthand import format_field, parse_field
from mcp_server.features.spec import FeatureSpec, FieldSpec, TypeSpec
from mcp_server.features.validate import require_valid, validate
from mcp_server.workspace.errors import InvalidInput, Problem
from mcp_server.workspace.layout import LAYERED
from tests.mcp_server.features.strategies import language_fields, specs

CATEGORY = load_spec({"feature": "category", "fields": ["name:string(..100) unique"]})
TAG = load_spec({"feature": "tag", "fields": ["name:string(..50) unique"]})
CATALOG = Catalog.of(KnownFeature.of(CATEGORY, LAYERED), KnownFeature.of(TAG, LAYERED))

PRODUCT = """
feature: product
owner: user
description: Something for sale.
fields:
  - name:string(2..100) index
  - sku:string(..32) unique
  - description:text?                       # ? = nullable
  - price:decimal(12,2) >=0 index
  - status:enum(draft,active,archived)=draft
  - in_stock:bool=true
  - category:ref(category)? on_delete=set_null
  - tags:many(tag)
  - parent:ref(self)?
unique: [[owner, name]]
indexes: [[status, -created_at]]
search: [name, description]
filters: [status, in_stock, category, price]
sort: [created_at, name, price]
operations: [get, list, create, replace, update, delete, bulk_create]
pagination: offset
soft_delete: false
access: {list: public, get: public, create: authenticated}
"""


def test_the_example_of_the_specification_is_read_whole() -> None:
    spec = load_text(PRODUCT)
    assert validate(spec, CATALOG) == ()
    assert spec == FeatureSpec(
        feature="product",
        plural="products",
        description="Something for sale.",
        owner="user",
        fields=(
            FieldSpec("name", TypeSpec("string", min=2, max=100), index=True),
            FieldSpec("sku", TypeSpec("string", max=32), unique=True),
            FieldSpec("description", TypeSpec("text"), nullable=True),
            FieldSpec("price", TypeSpec("decimal", precision=12, scale=2), index=True, ge=Decimal(0)),
            FieldSpec("status", TypeSpec("enum", values=("draft", "active", "archived")), default="draft"),
            FieldSpec("in_stock", TypeSpec("bool"), default=True),
            FieldSpec("category", TypeSpec("ref", target="category"), nullable=True),
            FieldSpec("tags", TypeSpec("many", target="tag")),
            FieldSpec("parent", TypeSpec("ref", target="self"), nullable=True),
        ),
        unique=(("owner", "name"),),
        indexes=(("status", "-created_at"),),
        search=("name", "description"),
        filters=("status", "in_stock", "category", "price"),
        sort=("created_at", "name", "price"),
        access=(("list", "public"), ("get", "public")),
    )


def test_long_form_shorthand_and_one_key_mappings_are_equal() -> None:
    long: list[Any] = [
        {
            "name": "price",
            "type": "decimal(12,2)",
            "ge": 0,
            "lt": "99.50",
            "index": True,
            "description": "Net",
        },
        {"name": "state", "type": "enum(a,b)", "default": "a", "nullable": True},
        {"name": "owner_ref", "type": "ref(user)?", "on_delete": "cascade", "as": "things"},
        {"name": "n", "type": "int", "default": 3, "unique": False},
        {"name": "on", "type": "bool", "default": True},
    ]
    short = [
        'price:decimal(12,2) >=0 <99.50 index "Net"',
        "state:enum(a,b)?=a",
        "owner_ref:ref(user)? on_delete=cascade as=things",
        "n:int=3",
        "on:bool=true",
    ]
    mappings = [dict([text.split(":", 1)]) for text in short]
    wanted = load_spec({"feature": "thing", "fields": short})
    assert load_spec({"feature": "thing", "fields": long}) == wanted
    assert load_spec({"feature": "thing", "fields": mappings}) == wanted
    assert load_spec({"feature": "thing", "fields": dict(text.split(":", 1) for text in short)}) == wanted


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("name : string( 2 .. 100 ) ", "name:string(2..100)"),
        ("name:string(100)", "name:string(..100)"),
        ("name:string(0..255)", "name:string"),
        ("n:int >= 3 < 10 =5 index", "n:int=5 index >=3 <10"),
        ("n:int = index", None),
        ("d:decimal(4)=1.50", "d:decimal(4,0)=1.5"),
        ('s:enum(draft, "In review","a,b")', 's:enum(draft,"In review","a,b")'),
        ("c:ref(x)? on_delete=set_null", "c:ref(x)?"),
        ("c:ref(x) on_delete=restrict", "c:ref(x)"),
        ("t:datetime=2026-01-31T12:00:00+02:00", "t:datetime=2026-01-31T10:00:00+00:00"),
        ("u:uuid=0B0D2F5E6D7C4C1A9A533D6C1F0A7B10", "u:uuid=0b0d2f5e-6d7c-4c1a-9a53-3d6c1f0a7b10"),
        (r"p:string pattern=^\d+$", r"p:string pattern=^\d+$"),
        ('p:string=""', 'p:string=""'),
        ('p:string "  padded  "', 'p:string "padded"'),
        ("l:list(decimal(4,2))?", "l:list(decimal(4,2))?"),
        ("s:enum(@state)", "s:enum(@state)"),
        ("f:float=-0.0 >=-1e3", "f:float=0.0 >=-1000.0"),
    ],
)
def test_shorthand_has_one_canonical_form(text: str, canonical: str | None) -> None:
    if canonical is None:
        with pytest.raises(InvalidInput):
            parse_field(text)
    else:
        assert format_field(parse_field(text)) == canonical
        assert parse_field(canonical) == parse_field(text)


@given(language_fields())
def test_every_field_survives_its_shorthand(field: FieldSpec) -> None:
    assert parse_field(format_field(field)) == field


@given(specs(CATALOG))
def test_drawn_specs_are_valid_and_survive_every_notation(spec: FeatureSpec) -> None:
    assert validate(spec, CATALOG) == ()
    document = spec.to_document()
    assert load_spec(document) == spec
    assert load_spec(document).to_document() == document
    assert load_text(json.dumps(document)) == spec
    assert load_text(yaml.safe_dump(document, allow_unicode=True)) == spec
    assert read_document(document) == (spec, [])
    require_valid(spec, CATALOG)


_SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
_ANYTHING = st.recursive(
    _SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_SCALAR, inner, max_size=4),
    max_leaves=12,
)
_KEYS = [
    "feature",
    "plural",
    "description",
    "owner",
    "fields",
    "unique",
    "indexes",
    "search",
    "filters",
    "sort",
    "operations",
    "pagination",
    "soft_delete",
    "access",
    "enums",
]
_FIELD_KEYS = [
    "name",
    "type",
    "nullable",
    "default",
    "index",
    "unique",
    "ge",
    "gt",
    "le",
    "lt",
    "pattern",
    "as",
    "on_delete",
    "secret",
    "readonly",
    "description",
]
_NOISE = st.text(st.sampled_from("abz_09:?=<>()[]{}\"'\\,.@ \n\0é\ud800"), max_size=40)
_TYPES = st.sampled_from(
    [
        "string(2..5)",
        "int",
        "decimal(3,1)",
        "enum(a,b)",
        "ref(self)?",
        "list(int)",
        "bool",
        "many(x)",
        "date",
        "json",
    ]
)
_FIELD = st.one_of(
    _NOISE,
    st.tuples(_NOISE, _TYPES, _NOISE).map("{0[0]}:{0[1]}{0[2]}".format),
    st.tuples(st.sampled_from("abc"), _TYPES, _NOISE).map("{0[0]}:{0[1]} {0[2]}".format),
    st.dictionaries(st.sampled_from(_FIELD_KEYS), _TYPES | _ANYTHING | _NOISE, max_size=8),
    _ANYTHING,
)
_NAMES = st.sampled_from(["a", "b", "c", "owner", "created_at", "-a", "", "zz"]) | _NOISE
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "feature": st.sampled_from(["thing", "class", "user", "news"]) | _NOISE,
    "fields": st.lists(_FIELD, max_size=6),
    "owner": st.sampled_from(["user", "me"]),
    "unique": st.lists(st.lists(_NAMES, max_size=3), max_size=3),
    "indexes": st.lists(st.lists(_NAMES, max_size=3), max_size=3),
    **dict.fromkeys(("search", "filters", "sort", "operations"), st.lists(_NAMES, max_size=4)),
}
_DOCUMENTS = st.fixed_dictionaries({}, optional={key: _VALUES.get(key, _NOISE) | _ANYTHING for key in _KEYS})


def _problems(call: Callable[[], object]) -> tuple[Problem, ...]:
    """What was wrong; no exception but InvalidInput is let through, and it never comes without a problem."""
    try:
        call()
    except InvalidInput as error:
        return error.problems or (Problem("NONE", "", "InvalidInput without a problem", ""),)
    return ()


def _read(document: Any) -> None:
    """Reads and validates: whatever is wrong can be printed anywhere."""
    spec, unread = read_document(document)
    for problem in _problems(lambda: require_valid(spec, CATALOG, unread)):
        assert problem.code in CODES
        assert problem.reason.isprintable()
        assert problem.hint.isprintable()
        assert problem.place.isprintable()
        assert len(str(problem).encode()) < 1500


@given(_DOCUMENTS | _ANYTHING)
def test_any_document_is_read_or_refused(document: Any) -> None:
    _read(document)


@given(_FIELD)
def test_any_field_string_is_read_or_refused(field: Any) -> None:
    _read({"feature": "thing", "fields": [field, "name:string"]})


@given(st.text() | _NOISE | _DOCUMENTS.map(repr) | _DOCUMENTS.map(str))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert all(problem.code in CODES for problem in _problems(lambda: load_text(text)))


@pytest.mark.parametrize(
    "text",
    ["[" * 50_000, "{" * 50_000, '{"a":' * 50_000, "a: &x [1]\nb: *x", "? [a]\n: b", "feature: !!python/object:os.system x",
     "feature: a\nfeature: b", '{"feature": "a", "feature": "b"}', "feature: 9" * 1000, "x" * 300_000, "- a", "\ud800",
     '{"feature": NaN}', "a: 1e400", "!!int ''", "!!float x: 1", "!!timestamp 0000-00-00: 1", "!!binary é: 1"],
)  # fmt: skip
def test_hostile_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        load_text(text)


def test_yaml_keeps_words_that_yaml_1_1_would_turn_into_something_else() -> None:
    spec = load_text(
        "feature: thing\nfields:\n- {name: on, type: string, default: no}\n- {name: at, type: date, default: 2026-01-31}"
    )
    assert [(field.name, field.default) for field in spec.fields] == [("on", "no"), ("at", "2026-01-31")]
