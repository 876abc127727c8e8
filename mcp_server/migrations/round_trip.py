"""Up, down and up again with rows in every table, on a scratch database that is thrown away."""

import os
from urllib.parse import parse_qsl, urlsplit

from mcp_server.migrations import heads
from mcp_server.migrations.draft import CHILD
from mcp_server.migrations.results import RoundTrip
from mcp_server.migrations.target import Address, classify, hosts_of
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.errors import Problem, Refused
from mcp_server.workspace.workspace import Workspace

SECONDS = 300
DRIVERS = ("postgresql+asyncpg", "mysql+asyncmy", "mariadb+asyncmy")


async def round_trip(workspace: Workspace, child: WarmChild, server: str | None = None) -> RoundTrip:
    """Prove every revision in both directions, on SQLite in memory or on a new database of a local server.

    `server` is the address of a database to connect to while creating another
    (`postgresql+asyncpg://postgres@127.0.0.1/postgres`, `mysql+asyncmy://root@127.0.0.1/information_schema`).

    KitError for several heads; Refused MIG017 for a server that is not on this machine.
    """
    files = revision_paths(workspace)
    refuse_remote(workspace, server)
    found = await child.call(f"{CHILD}:round_trip", timeout=SECONDS, files=files, server=server)
    return RoundTrip(**{**found, "problems": tuple(Problem(**one) for one in found["problems"])})


def revision_paths(workspace: Workspace) -> list[str]:
    """The revision files. KitError unless they lead to one head."""
    graph = heads.read(workspace)
    _ = graph.head
    return sorted(revision.path for revision in graph.revisions.values())


def refuse_remote(workspace: Workspace, server: str | None) -> None:
    """Raise Refused MIG017 for the address of a server that is not provably on this machine."""
    if server is None:
        return
    parts = urlsplit(server)
    address = Address(
        parts.scheme,
        hosts_of(parts.hostname, parse_qsl(parts.query)),
        None,
        parts.path.strip("/"),
        environment="test",
        pghost=os.environ.get("PGHOST", "") if parts.scheme.startswith("postgresql") else "",
    )
    if parts.scheme not in DRIVERS or classify(address, workspace.root).class_ == "protected":
        hint = "Use postgresql+asyncpg://user@127.0.0.1/postgres or mysql+asyncmy://user@127.0.0.1/information_schema"
        raise Refused(Problem("MIG017", "server", "scratch databases are made on this machine only", hint))
