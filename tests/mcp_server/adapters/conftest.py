"""A scratch copy of the workspace, and the server started in it exactly as `.mcp.json` says."""

import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from demo.scratch import copy_workspace
from mcp_server.workspace.workspace import Workspace

ROOT = Path(__file__).parents[3]
ENVIRONMENT = Workspace.open(ROOT).python.parent.parent
ERAS = ("legacy", "auto")
Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files git knows or would know, in a new repository, with the environment linked in."""
    target = tmp_path_factory.mktemp("pristine") / "workspace"
    copy_workspace(ROOT, target)
    return target


@pytest.fixture
def workspace_copy(pristine: Path, tmp_path: Path) -> Iterator[Path]:
    """A workspace that a test may change."""
    target = tmp_path / "workspace"
    shutil.copytree(pristine, target, symlinks=True)
    yield target
    shutil.rmtree(target, ignore_errors=True)


def server_parameters(root: Path, **env: str) -> StdioServerParameters:
    """How Claude Code would start the server in `root`."""
    entry = json.loads((root / ".mcp.json").read_text())["mcpServers"]["kit"]
    return StdioServerParameters(command=entry["command"], args=entry["args"], cwd=root, env=env)


@pytest.fixture
def connect(tmp_path: Path) -> Connect:
    """`async with connect(root, era) as client`; what the server logs goes to `server.log` beside the copy."""

    @asynccontextmanager
    async def connected(root: Path, era: str = "auto", **env: str) -> AsyncIterator[Client]:
        with (tmp_path / "server.log").open("a") as log:
            transport = stdio_client(server_parameters(root, **env), errlog=log)
            async with Client(transport, mode=era, read_timeout_seconds=120) as client:
                yield client

    return connected
