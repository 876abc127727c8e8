"""A scratch copy of the workspace to change features in, without git's own tests of the kit."""

import shutil
import subprocess
from collections.abc import AsyncIterator
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


@pytest.fixture(scope="session")
def desk(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one place where tests change a workspace, one after the other."""
    target = tmp_path_factory.mktemp("desk").resolve() / "workspace"
    shutil.copytree(pristine, target, symlinks=True)
    return target


@pytest.fixture(scope="session")
async def warm(desk: Path) -> AsyncIterator[WarmChild]:
    """The warm process of that place. It forks for every call, so nothing of a test is left in it."""
    child = WarmChild(Workspace.open(desk))
    yield child
    await child.close()


@pytest.fixture
def root(desk: Path) -> Path:
    """A workspace that a test may change: git puts it back as it was. Compiled code stays, it is known by its source."""
    kept = (f"--exclude={path}" for path in (".venv", ".kit/scratch/code"))
    for arguments in (("reset", "--hard", "--quiet"), ("clean", "-ffdx", "--quiet", *kept)):
        subprocess.run(["git", *arguments], cwd=desk, check=True)  # noqa: S603, S607
    return desk


@pytest.fixture
def context(root: Path, warm: WarmChild) -> Context:
    return Context(Workspace.open(root), warm)


def contents(root: Path) -> dict[str, str]:
    """Every file of the tree and of the ledger as a hash; neither history nor scratch."""
    return {
        path.relative_to(root).as_posix(): sha256(path.read_bytes()).hexdigest()
        for folder in ("app", "alembic", "tests", ".kit/ledger")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
