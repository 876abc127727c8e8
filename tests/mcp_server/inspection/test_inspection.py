"""Source and running app tell the same story; the source still tells it when the app does not run."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mcp_server.inspection import source
from mcp_server.workspace.child import ChildFailed, WarmChild
from mcp_server.workspace.workspace import Workspace

REPOSITORY = Path(__file__).parents[3]
LIVE = "mcp_server.inspection.live"


@pytest.fixture(scope="module")
async def child() -> AsyncIterator[WarmChild]:
    child = WarmChild(Workspace.open(REPOSITORY))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("API_PREFIX", "/api/v1")  # a `.env` may say otherwise
        yield child
    await child.close()


async def test_models_agree(child: WarmChild) -> None:
    live = {one["name"]: one for one in await child.call(f"{LIVE}:models")}
    read = source.models(Workspace.open(REPOSITORY))
    assert {one.name for one in read} == live.keys()
    for one in read:
        found = live[one.name]
        assert (one.table, one.module) == (found["table"], found["module"])
        assert set(one.columns) <= set(found["columns"])


async def test_routes_agree(child: WarmChild) -> None:
    live = {
        (method, one["path"])
        for one in await child.call(f"{LIVE}:routes")
        for method in one["methods"]
        if one["path"].startswith("/api/v1")
    }
    read = {(one.method, f"/api/v1{one.url}") for one in source.routes(Workspace.open(REPOSITORY))}
    assert read == live
    assert ("POST", "/api/v1/users/register") in read


async def test_openapi_has_every_route(child: WarmChild) -> None:
    document = await child.call(f"{LIVE}:openapi")
    assert {f"/api/v1{one.url}" for one in source.routes(Workspace.open(REPOSITORY))} <= document[
        "paths"
    ].keys()


def test_features_of_this_repository() -> None:
    found = {one.name: one.files for one in source.features(Workspace.open(REPOSITORY))}
    assert {"user", "category", "product"} <= found.keys()
    assert found["product"]["service"] == "app/services/product.py"


BROKEN = {
    "app/__init__.py": "raise SystemExit('this app does not start')\n",
    "app/models/__init__.py": "",
    "app/models/tree.py": """
from sqlalchemy import orm
class Tree(Base):
    __tablename__: str = "trees"
    name: orm.Mapped[str]
    class_: Mapped[str] = mapped_column("class", String(9))
    leaves: Mapped[list["Leaf"]] = relationship()
    limit: int = 3
class NotMapped:
    name: Mapped[str]
""",
    "app/models/half.py": "class Half(Base:\n",
    "app/services/tree.py": "",
    "app/api/v1/trees.py": """
others: APIRouter = APIRouter(prefix="/others")
router = APIRouter(tags=["x"], prefix="/trees")
@router.get("/{public_id}")
async def get_tree(): ...
@others.post("")
async def create_other(): ...
@router.delete(BY_ID)
async def unknown(): ...
@cache
async def helper(): ...
""",
    "pyproject.toml": "[tool.fastapi-agent-kit]\nlayout = 'layered'\n",
}


async def test_a_broken_app_is_read_from_source(tmp_path: Path) -> None:
    for path, text in BROKEN.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    workspace = Workspace.open(tmp_path)
    (model,) = source.models(workspace)
    assert (model.name, model.table, model.module) == ("Tree", "trees", "app.models.tree")
    assert model.columns == ("name", "class")
    route, other = source.routes(workspace)
    assert (other.method, other.url) == ("POST", "/others")
    assert (route.method, route.url, route.name, route.path) == (
        "GET",
        "/trees/{public_id}",
        "get_tree",
        "app/api/v1/trees.py",
    )
    (feature,) = source.features(workspace)
    assert feature.files == {"model": "app/models/tree.py", "service": "app/services/tree.py"}

    child = WarmChild(workspace)
    try:
        with pytest.raises(ChildFailed) as caught:
            await child.call(f"{LIVE}:routes")
    finally:
        await child.close()
    assert caught.value.where == "app/__init__.py:1"
