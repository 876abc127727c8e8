"""Settings and layouts: what is refused, with its code and place, and where artefacts land."""

from collections import namedtuple
from pathlib import Path

import pytest

from mcp_server.workspace.config import KitConfig, parse_config
from mcp_server.workspace.errors import InvalidInput
from mcp_server.workspace.layout import ARTEFACTS, PRESETS, Layout
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.workspace.conftest import write

Names = namedtuple("Names", ["feature", "plural"])  # what mypy needs to see is the protocol
PRODUCT = Names("product", "products")


def opened(root: Path, settings: str) -> Workspace:
    write(root, "pyproject.toml", f"[tool.fastapi-agent-kit]\n{settings}\n")
    return Workspace.open(root)


def places(root: Path, settings: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        opened(root, settings)
    assert {problem.code for problem in caught.value.problems} == {"WS003"}
    assert all(problem.hint for problem in caught.value.problems)
    return [problem.place.removeprefix("tool.fastapi-agent-kit.") for problem in caught.value.problems]


def test_every_setting_has_a_default(root: Path) -> None:
    assert opened(root, "").config == KitConfig() == parse_config({})
    assert hash(KitConfig()) == hash(parse_config({}))


def test_the_layered_layout(root: Path) -> None:
    layout = opened(root, 'layout = "layered"').layout
    assert {artefact: layout.path(artefact, PRODUCT) for artefact in ARTEFACTS} == {
        "model": "app/models/product.py",
        "schemas": "app/schemas/product.py",
        "repository": "app/repositories/product.py",
        "service": "app/services/product.py",
        "endpoints": "app/api/v1/products.py",
        "tests": "tests/app/api/test_products.py",
        "factory": "tests/app/factories/product.py",
        "migrations": "alembic/versions",
    }
    assert layout.module("endpoints", PRODUCT) == "app.api.v1.products"
    assert layout.module("model", PRODUCT) == "app.models.product"


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_pass_their_own_check(preset: str) -> None:
    paths = {str(artefact): template for artefact, template in PRESETS[preset].items()}
    assert Layout.from_config(KitConfig(layout=preset, paths=paths)).templates == PRESETS[preset]


def test_any_path_may_be_overridden(root: Path) -> None:
    layout = opened(
        root, 'paths = { endpoints = "backend/api/v1/{plural}/routes.py", migrations = "db" }'
    ).layout
    assert layout.path("endpoints", PRODUCT) == "backend/api/v1/products/routes.py"
    assert layout.module("endpoints", PRODUCT) == "backend.api.v1.products.routes"
    assert layout.path("migrations", PRODUCT) == "db"
    assert layout.path("model", PRODUCT) == "app/models/product.py"


def test_every_bad_setting_is_named(root: Path) -> None:
    assert places(root, 'layuot = "layered"\ntemplates = 1\npaths = 7\nlayout = 3') == [
        "layuot",
        "templates",
        "layout",
        "paths",
    ]
    assert places(root, 'layout = "onion"\npaths = { models = "x/{feature}.py" }') == [
        "layout",
        "paths.models",
    ]


@pytest.mark.parametrize(
    "template",
    [
        "../{feature}.py",
        "/abs/{feature}.py",
        "app\\\\{feature}.py",
        "app/model.py",
        "app/{feature}",
        "app/{feature.__class__}.py",
        "app/{feature!r}.py",
        "app/{}.py",
        "app/{feature.py",
        "app/{other}.py",
        "",
    ],
)
def test_templates_that_cannot_work(root: Path, template: str) -> None:
    assert places(root, f'paths = {{ model = "{template}" }}') == ["paths.model"]


def test_one_directory_holds_all_migrations(root: Path) -> None:
    assert places(root, 'paths = { migrations = "alembic/{feature}" }') == ["paths.migrations"]


def test_a_pyproject_that_is_no_toml(root: Path) -> None:
    path = write(root, "pyproject.toml", "[tool\n")
    with pytest.raises(InvalidInput) as caught:
        Workspace.open(root)
    assert [(each.code, each.place) for each in caught.value.problems] == [("WS003", str(path))]


def test_a_setting_that_is_no_table(root: Path) -> None:
    write(root, "pyproject.toml", "[tool]\nfastapi-agent-kit = 1\n")
    with pytest.raises(InvalidInput, match="WS003"):
        Workspace.open(root)
