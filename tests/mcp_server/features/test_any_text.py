"""Whatever text stands in a spec or in a request to change one: it is refused, or stays data in code that is ours.

The source made of a spec is compared with that of a tame twin, in which every text is a plain word.
"""

import ast
import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from hypothesis import given, settings, target
from hypothesis import strategies as st

from mcp_server.features.backfill import fills_of
from mcp_server.features.catalog import Catalog, KnownFeature
from mcp_server.features.evolve import Change, evolve
from mcp_server.features.generate import generate
from mcp_server.features.load import load_spec, read_document
from mcp_server.features.naming import member_names
from mcp_server.features.spec import FeatureSpec, FieldSpec
from mcp_server.features.tables import tables_of
from mcp_server.features.validate import validate
from mcp_server.migrations.write import write_revision
from mcp_server.schema.difference import schema_steps, steps
from mcp_server.schema.fill import Fill
from mcp_server.schema.operations import CreateTable
from mcp_server.workspace.errors import InvalidInput
from mcp_server.workspace.layout import LAYERED

CATALOG = Catalog.of(
    KnownFeature.of(load_spec({"feature": "category", "fields": ["name:string(..100) unique"]}), LAYERED)
)
SPEC: dict[str, Any] = {
    "feature": "thing",
    "plural": "things",
    "description": "Something.",
    "owner": "user",
    "enums": {"thing_state": ["open", "done"]},
    "fields": [
        {"name": "title", "type": "string(..200)", "default": "word", "description": "A word."},
        {"name": "code", "type": "string(..40)", "pattern": "^[a-z]+$"},
        {"name": "body", "type": "text", "default": "word", "nullable": True},
        {"name": "kind", "type": "enum(one,two)", "default": "one"},
        {"name": "state", "type": "enum(@thing_state)", "default": "open"},
        {"name": "parts", "type": "list(string(..20))", "description": "Words."},
        {"name": "category", "type": "ref(category)?", "as": "kept_things", "on_delete": "cascade"},
        {"name": "rank", "type": "int", "default": "5"},
        {"name": "slug", "type": "string(..30)"},
    ],
    "unique": [["owner", "slug"]],
    "indexes": [["rank", "-created_at"]],
    "search": ["title"],
    "filters": ["kind"],
    "sort": ["title"],
    "operations": ["list", "get", "create", "update"],
    "pagination": "offset",
    "access": {"list": "public"},
}
REQUEST: dict[str, Any] = {
    "add": ['note:string(..50)=word "A word."', "level:enum(low,high)=low", "mark:string(..9)"],
    "change": ["code:string(..60) pattern=^[a-z]+$"],
    "rename": {"body": "content"},
    "drop": ["rank"],
    "set": {"description": "Another thing.", "access": {"get": "public"}},
    "include": {"filters": ["level"], "sort": ["note"]},
    "exclude": {"sort": ["title"], "indexes": [["rank", "-created_at"]]},
    "fill": {"mark": "word"},
}
MARKS = "'\"\\#$%&{}()[]<>;:,.@=+-*/|^~!?`_"
FREE = st.text(
    st.sampled_from(MARKS) | st.characters(exclude_categories=("C", "Z")),
    min_size=1,
    max_size=20,
)
"""Text that is often accepted: marks that mean something somewhere, and letters of the whole world."""
PROSE = st.lists(
    st.sampled_from(
        ["Don't", "know", '5"', "pipe", 'the "best"', "'til", "x", "it's", "100 %", ":name", "%(x)s", "\\", ",", "(", ")", "+", "=", "f", "#"]
    ),
    min_size=1,
    max_size=5,
).map(" ".join)  # fmt: skip
"""Words with quotes in every company, of which most are accepted."""
HOSTILE = st.sampled_from(
    [
        '"""', "'''", '");import os;os.system("x")#', "'+__import__('os').getcwd()+'", "{{ 7 * 7 }}", "{% raw %}", "{#",
        "\\", "\\\\", "\\n", "\\N{DIGIT ONE}", "\\x22", "\\u0022", "\n    import os\n", "\r", "#", "# type: ignore", "%s",
        "%(id)s", "{0}", "{x!r}", "${HOME}", "`id`", "$(id)", ":name", "?", "--", ";DROP TABLE users", "/*", "]]>", "</script>",
        "../../etc/passwd", "/etc/passwd", "__class__", "__import__", "import os", "lambda: 0", "f()", "self", "class", "None",
        "True", "...", "*", "@x", "a b", "a.b", "a-b", "a,b", "a)", "(a", "a=b", "éa", "日本", "\u202e", "\0", "\ud800",
        "' + __import__('os').getcwd() + '", '"); import os; f("', '"]; import os; ["', '" % __import__("os") % "', "'; DROP TABLE users; --",
        "Don't know", '5" pipe', "'", '"', "\\'", '\\"', '"a"', "'a'", "' '", '" "', "a" * 600, "-", "", " ", "user", "owner", "created_at", "os", "app", "thing",
    ]
)  # fmt: skip

PATTERNS = (
    """^[^'"]+'s$""",
    '^".+"$',
    "^[a-z]+$",
    r"^\d+$",
    r"^a\\b$",
    "^[#%]$",
    "^é{2}$",
    r"^\x22\x27$",
    "^(a|b)$",
    "^[^<>&;]+$",
)
FREE_KEYS = {"description", "default", "pattern", "enums", "add", "change", "fill"}
Place = tuple[Any, ...]


class Shape(NamedTuple):
    """What source does, apart from the values in it."""

    imports: frozenset[str]
    calls: frozenset[str]
    names: frozenset[str]


def shape_of(sources: Iterable[str]) -> Shape:
    imports, calls, names = set[str](), set[str](), set[str]()
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Import() | ast.ImportFrom():
                    module = getattr(node, "module", "")
                    imports |= {f"{module} {alias.name} {alias.asname}" for alias in node.names}
                case ast.Call():
                    calls.add(ast.unparse(_callee(node.func)))
                case ast.Attribute():
                    names.add(node.attr)
                case ast.Name():
                    names.add(node.id)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    names.add(node.name)
    return Shape(frozenset(imports), frozenset(calls), frozenset(names))


def _callee(node: ast.expr) -> ast.expr:
    """What is called, without the calls and values on the way to it."""
    return ast.Name(node.attr) if isinstance(node, ast.Attribute) else node


def sources_of(spec: FeatureSpec) -> list[str]:
    """Every file of a new feature, its revision among them."""
    created = [CreateTable(table) for table in tables_of(spec, CATALOG)]
    text = write_revision(
        created, message=f"Create {spec.names.table}", down_revision=None, revision="0" * 12
    )
    return [*generate(spec, CATALOG, LAYERED).values(), text]


def tame(spec: FeatureSpec) -> FeatureSpec:
    """The same with a plain word in the place of each text that may be any."""
    fields = tuple(_tame_field(field) for field in spec.fields)
    enums = tuple(replace(enum, values=_words(enum.values)) for enum in spec.enums)
    return replace(spec, fields=fields, enums=enums, description=spec.description and "Word")


def _tame_field(field: FieldSpec) -> FieldSpec:
    default = field.default
    if isinstance(default, str) and field.type.name in ("string", "text"):
        default = "x" * len(default)
    if isinstance(default, str) and field.type.name == "enum":
        default = (
            _words(field.type.values)[field.type.values.index(default)] if field.type.values else "word0"
        )
    return replace(
        field,
        type=replace(field.type, values=_words(field.type.values)),
        default=default,
        pattern=field.pattern and "^[a-z]+$",
        description=field.description and "Word",
    )


def _words(labels: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"word{number}" for number, _ in enumerate(labels))


@cache
def tame_shape(spec: FeatureSpec) -> Shape:
    return shape_of(sources_of(spec))


def require_ours(spec: FeatureSpec, sources: list[str], ours: Shape) -> None:
    found = shape_of(sources)
    labels = [*(field.type.values for field in spec.fields), *(enum.values for enum in spec.enums)]
    members = {name for values in labels for name in member_names(values)}
    assert found.imports == ours.imports
    assert found.calls == ours.calls
    assert found.names <= ours.names | members
    assert all(name.isidentifier() for name in members)


def revision_of(
    old: FeatureSpec, new: FeatureSpec, renamed: Mapping[str, str], fills: Mapping[str, Fill]
) -> str:
    """The revision that leads from the table of one spec to that of the other."""
    (before, *links), (after, *new_links) = tables_of(old, CATALOG), tables_of(new, CATALOG)
    found = [*steps(before, after, renamed=renamed, fills=fills), *schema_steps(links, new_links)]
    return write_revision(found, message="Change", down_revision="1" * 12, revision="0" * 12)


def read(document: Any) -> FeatureSpec | None:
    spec, unread = read_document(document)
    return None if unread or validate(spec, CATALOG) else spec


def places_of(value: Any, path: Place = ()) -> list[Place]:
    """The way to every text in a document; the way to a key of a mapping ends in the key as a tuple."""
    if isinstance(value, str):
        return [path]
    if not isinstance(value, Mapping | list):
        return []
    items: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, Mapping) else enumerate(value)
    found = [place for key, inner in items for place in places_of(inner, (*path, key))]
    return found + ([(*path, (key,)) for key in value] if isinstance(value, Mapping) else [])


@st.composite
def spoilt(draw: st.DrawFn, document: Any, most: int) -> Any:
    """The document with other text in some places, more often in those where many texts are right."""
    document = deepcopy(document)
    every = places_of(document)
    free = [place for place in every if FREE_KEYS & set(place)]
    chosen = draw(st.lists(st.sampled_from([*every, *free, *free]), min_size=1, max_size=most, unique=True))
    for *way, last in sorted(chosen, key=lambda place: isinstance(place[-1], tuple)):
        inner, text = document, draw(HOSTILE | FREE | PROSE)
        for key in way:
            inner = inner.get(key, {}) if isinstance(inner, dict) else inner[key]
        if isinstance(last, tuple):
            inner[text] = inner.pop(last[0], None)
        else:
            now = inner.get(last, "") if isinstance(inner, dict) else inner[last]
            inner[last] = draw(st.sampled_from([text, f"{now}{text}", f'{now} "{text}"', f"{now} ={text}"]))
    return document


@given(st.lists(PROSE | FREE, min_size=9, max_size=9, unique=True), st.sampled_from(PATTERNS))
@settings(max_examples=100)
def test_text_that_is_accepted_stays_data(texts: list[str], pattern: str) -> None:
    document = deepcopy(SPEC)
    fields = document["fields"]
    document["description"], fields[0]["description"], fields[5]["description"] = texts[:3]
    fields[0]["default"], fields[2]["default"] = texts[3:5]
    fields[1]["pattern"] = pattern
    fields[3] = {
        "name": "kind",
        "type": f"enum({','.join(map(json.dumps, texts[5:7]))})",
        "default": texts[5],
    }
    document["enums"], fields[4]["default"] = {"thing_state": texts[7:]}, texts[8]
    spec = read(document)
    target(float(spec is not None))
    if spec is not None:
        require_ours(spec, sources_of(spec), tame_shape(tame(spec)))


@given(spoilt(SPEC, 1))
@settings(max_examples=250)
def test_any_text_in_any_place_of_a_spec_is_refused_or_stays_data(document: Any) -> None:
    spec = read(document)
    if spec is not None:
        require_ours(spec, sources_of(spec), tame_shape(tame(spec)))


@given(spoilt(REQUEST, 2))
@settings(max_examples=250)
def test_any_text_in_any_place_of_a_request_is_refused_or_stays_data(request: Any) -> None:
    old = load_spec(SPEC)
    fill = request.pop("fill", {})
    try:
        evolved = evolve(old, Change(**request))
        if evolved.unread or validate(evolved.spec, CATALOG):
            return
        fills = fills_of(old, evolved.spec, evolved.renamed, fill, CATALOG)
    except (InvalidInput, TypeError):  # a key of the request itself is refused before, by its model
        return
    new, plain = evolved.spec, tame(evolved.spec)
    plain_fills = fills_of(tame(old), plain, evolved.renamed, dict.fromkeys(fill, "word"), CATALOG)
    require_ours(
        new,
        [*sources_of(new), revision_of(old, new, evolved.renamed, fills)],
        shape_of([*sources_of(plain), revision_of(tame(old), plain, evolved.renamed, plain_fills)]),
    )
