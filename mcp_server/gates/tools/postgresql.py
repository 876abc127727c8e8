"""The PostgreSQL server of this machine, for the gates that use one where there is one."""

import os
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from mcp_server.workspace.workspace import Workspace

_DEFAULT = "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres"


def server_url() -> str:
    """Return the server that TEST_DATABASE_URL names when it is a PostgreSQL one, else the usual local one."""
    named = os.environ.get("TEST_DATABASE_URL", "")
    return named if named.startswith("postgresql") else _DEFAULT


def address(url: str) -> str:
    """Return host:port of a URL, and nothing secret."""
    parts = urlsplit(url)
    return f"{parts.hostname or '127.0.0.1'}:{parts.port or 5432}"


def answers(url: str) -> bool:
    """Say whether something listens there; waits at most a second."""
    host, _, port = address(url).rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except OSError:
        return False


def server_facts(_: Workspace) -> Mapping[str, str]:
    """Name the server, and whether it answers: without it, a kept result would claim a run that cannot happen."""
    url = server_url()
    return {"server": address(url), "answers": str(answers(url))}
