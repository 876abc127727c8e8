"""Generated source, whatever the feature and its fields are called."""

import ast
from decimal import Decimal

import pytest

from mcp_server.features.catalog import Catalog
from mcp_server.features.demo_rows import demo_rows
from mcp_server.features.generate import generate
from mcp_server.features.imports import IMPORTABLE
from mcp_server.features.load import load_spec
from mcp_server.features.naming import is_name
from mcp_server.features.samples import samples_of
from mcp_server.workspace.config import KitConfig
from mcp_server.workspace.layout import Layout

NAMES = sorted(name for name in IMPORTABLE if is_name(name) and name != "pytest")
FIELDS = ["name:string(2..20) unique", "day:date", "amount:decimal(8,2)", "at:datetime?=now"]


@pytest.mark.parametrize("name", NAMES)
def test_the_service_never_imports_the_tests(name: str) -> None:
    spec = load_spec({"feature": name, "plural": f"{name}_rows", "fields": FIELDS, "sort": ["day"]})
    files = generate(spec, Catalog.of(), Layout.from_config(KitConfig()))
    assert len(files) == 7
    assert not [path for path, text in files.items() if path.startswith("app/") and "tests." in text]


@pytest.mark.parametrize(
    "kind",
    [
        "string(..9)",
        "decimal(5,2)? >=0",
        "enum(a,b)=a",
        "date=today",
        "datetime=now",
        "json={}",
        "many(self)",
    ],
)
def test_no_field_hides_what_its_class_goes_on_to_use(kind: str) -> None:
    fields = [f"{name}:{kind}" for name in NAMES]
    spec = load_spec({"feature": "note", "fields": [*fields, "links:many(self)"], "filters": NAMES})
    for path, text in generate(spec, Catalog.of(), Layout.from_config(KitConfig())).items():
        for each in ast.walk(ast.parse(text)):
            if isinstance(each, ast.ClassDef):
                fields_of = [line for line in each.body if isinstance(line, ast.AnnAssign)]
                bound = {line.target.id for line in fields_of if isinstance(line.target, ast.Name)}
                read = {
                    name.id
                    for line in fields_of
                    for part in (line.annotation, line.value)
                    if part is not None
                    for name in ast.walk(part)
                    if isinstance(name, ast.Name)
                }
                assert not bound & read, (path, each.name)


def test_a_field_may_be_called_like_what_python_or_the_tests_keep_for_themselves() -> None:
    words = ["none", "true", "false", "exception", "warning", "database", "caller"]
    spec = load_spec({"feature": "note", "fields": [f"{word}:string(..9)" for word in words]})
    files = generate(spec, Catalog.of(), Layout.from_config(KitConfig()))
    assert "NoneValue = Annotated[" in files["app/schemas/note.py"]
    assert "WarningValue = Annotated[" in files["app/schemas/note.py"]
    made = ast.parse(files["tests/app/factories/note.py"])
    for each in (each for each in ast.walk(made) if isinstance(each, ast.AsyncFunctionDef)):
        assert [argument.arg for argument in each.args.posonlyargs] == ["database", "caller"]


@pytest.mark.parametrize(
    ("access", "operation", "level"),
    [
        ({}, "bulk_create", "authenticated"),
        ({"create": "superuser"}, "bulk_create", "superuser"),
        ({"create": "superuser", "bulk_create": "public"}, "bulk_create", "public"),
        ({"update": "superuser"}, "replace", "superuser"),
        ({"update": "superuser"}, "create", "authenticated"),
    ],
)
def test_a_feature_is_not_open_through_its_other_door(
    access: dict[str, str], operation: str, level: str
) -> None:
    spec = load_spec({"feature": "note", "fields": ["name:string"], "access": access})
    assert spec.access_of(operation) == level


def test_what_is_unique_of_itself_and_for_its_owner_is_tested_once() -> None:
    spec = load_spec(
        {
            "feature": "note",
            "owner": "user",
            "fields": ["name:string unique"],
            "unique": [["owner", "name"]],
        }
    )
    files = generate(spec, Catalog.of(), Layout.from_config(KitConfig()))
    tests = next(text for path, text in files.items() if path.startswith("tests/app/api/"))
    assert tests.count("def test_name_is_unique(") == 1


def test_what_the_service_numbers_may_be_unique() -> None:
    fields = ["name:string(2..20)", "number:string(..9)? readonly unique", "place:int? readonly"]
    spec = load_spec({"feature": "bill", "fields": fields, "unique": [["name", "place"]], "owner": "user"})
    files = generate(spec, Catalog.of(), Layout.from_config(KitConfig()))
    assert 'UniqueConstraint("name", "place")' in files["app/models/bill.py"]
    assert "_is_unique" not in files["tests/app/api/test_bills.py"]  # no body can hold the same


def test_a_secret_is_only_written() -> None:
    spec = load_spec(
        {"feature": "device", "fields": ["name:string", "pin:string(4..8) secret", "code:string? secret"]}
    )
    schemas = generate(spec, Catalog.of(), Layout.from_config(KitConfig()))["app/schemas/device.py"]
    marked = [line.split(":")[0].strip() for line in schemas.splitlines() if '"writeOnly": True' in line]
    assert marked == ["pin", "code"] * 2  # to create one, and to update one


@pytest.mark.parametrize(
    "field",
    [
        "amount:decimal(38,38)",
        "amount:decimal(20,20) >0",
        "amount:decimal(38,2)",
        "amount:decimal(38,20)=1234567890123456.5",
    ],
)
def test_decimals_of_every_size_have_samples_and_demo_rows(field: str) -> None:
    spec = load_spec({"feature": "measure", "fields": [field], "filters": ["amount"], "sort": ["amount"]})
    samples = samples_of(spec)["amount"]
    places = spec.fields[0].type.scale or 0
    assert Decimal(samples.first.strip('"')) < Decimal(samples.second.strip('"'))
    assert len(samples.first.strip('"').partition(".")[2]) == places
    files = generate(spec, Catalog.of(), Layout.from_config(KitConfig()))
    assert "1234567890123456.50000000000000000000" in str(files) or spec.fields[0].default is None
    (rows,) = demo_rows([spec])
    assert len({body["amount"] for body in rows.bodies}) == len(rows.bodies)


@pytest.mark.parametrize(
    ("name", "is_test_module"), [("test", False), ("test_run", True), ("load_test", True)]
)
def test_pytest_takes_nothing_for_a_test_that_is_none(name: str, is_test_module: bool) -> None:
    spec = load_spec(
        {"feature": name, "fields": [*FIELDS, "kind:enum(a,b)=a", "before:ref(self)?"], "owner": "user"}
    )
    files = generate(spec, Catalog.of(), Layout.from_config(KitConfig()))
    tests = ast.parse(files[f"tests/app/api/test_{name}s.py"])
    imports = (each for each in ast.walk(tests) if isinstance(each, ast.ImportFrom))
    imported = {alias.name for each in imports for alias in each.names}
    assert f"make_{name}" in imported
    assert not {each for each in imported if each.lower().startswith("test")}
    assert ("\n__test__ = False" in files[f"tests/app/factories/{name}.py"]) is is_test_module
