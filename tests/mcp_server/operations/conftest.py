"""A scratch copy of the workspace to change features in, without git's own tests of the kit."""

import shutil
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from demo.scratch import LEFT_OUT, copy_workspace
from mcp_server.operations.context import Context
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("pristine") / "workspace"
    copy_workspace(ROOT, target, left_out=LEFT_OUT)
    return target


@pytest.fixture
def root(pristine: Path, tmp_path: Path) -> Iterator[Path]:
    """A workspace that a test may change."""
    target = tmp_path / "workspace"
    shutil.copytree(pristine, target, symlinks=True)
    yield target.resolve()
    shutil.rmtree(target, ignore_errors=True)


@pytest.fixture
async def context(root: Path) -> AsyncIterator[Context]:
    workspace = Workspace.open(root)
    child = WarmChild(workspace)
    yield Context(workspace, child)
    await child.close()


def contents(root: Path) -> dict[str, str]:
    """Every file of the tree and of the ledger as a hash; neither history nor scratch."""
    return {
        path.relative_to(root).as_posix(): sha256(path.read_bytes()).hexdigest()
        for folder in ("app", "alembic", "tests", ".kit/ledger")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
