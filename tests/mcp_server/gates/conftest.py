"""Fixtures of the gates' tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.mcp_server.gates.project import Project


@pytest.fixture(scope="session")
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy knows about the libraries, which takes it four seconds to find out."""
    return tmp_path_factory.mktemp("mypy")


@pytest.fixture
async def project(tmp_path: Path, mypy_cache: Path) -> AsyncIterator[Project]:
    made = Project(tmp_path / "workspace")
    (made.root / ".mypy_cache").symlink_to(mypy_cache)
    yield made
    await made.child.close()
