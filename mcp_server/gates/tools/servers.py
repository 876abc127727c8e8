"""The database servers of this machine, and the gates that run the service's tests on one where there is one.

The tests read TEST_DATABASE_URL, and create and drop databases of their own on that server.
"""

import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from mcp_server.gates.gate import Gate, GateContext, Outcome
from mcp_server.gates.result import passed
from mcp_server.gates.tools import service_tests
from mcp_server.gates.tools.pytest_suite import run_suite
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Server:
    """A kind of server. `schemes` are the beginnings of its addresses, `usual` is where one listens by default."""

    id: str
    title: str
    schemes: tuple[str, ...]
    usual: str
    port: int

    def url(self) -> str:
        """The server that TEST_DATABASE_URL names when it is of this kind, else the usual local one."""
        named = os.environ.get("TEST_DATABASE_URL", "")
        return named if named.startswith(self.schemes) else self.usual

    async def refusal(self, child: WarmChild) -> str | None:
        """Why nothing can run there, or None. A server that somebody named has to let us in; the usual one need not."""
        if not self.answers():
            return f"no {self.title} server answers at {self.address()}"
        if self.url() != self.usual:
            return None
        reason = await child.call("mcp_server.gates.tools.login:refusal", url=self.usual)
        hint = "TEST_DATABASE_URL can name another account"
        return f"{self.title} at {self.address()} does not let us in: {reason}; {hint}" if reason else None

    def address(self) -> str:
        """host:port, and nothing secret."""
        parts = urlsplit(self.url())
        return f"{parts.hostname or '127.0.0.1'}:{parts.port or self.port}"

    def answers(self) -> bool:
        """Whether something listens there; waits at most a second."""
        host, _, port = self.address().rpartition(":")
        try:
            with socket.create_connection((host, int(port)), timeout=1):
                return True
        except OSError:
            return False

    def facts(self, _: Workspace) -> Mapping[str, str]:
        """The server, and whether it answers: without it, a kept result would claim a run that cannot happen."""
        return {"server": self.address(), "answers": str(self.answers())}


POSTGRESQL = Server(
    "postgresql",
    "PostgreSQL",
    ("postgresql",),
    "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres",
    5432,
)
MYSQL = Server(
    "mysql",
    "MySQL",
    ("mysql", "mariadb"),
    "mysql+asyncmy://root@127.0.0.1:3306/information_schema",
    3306,
)


def tests_gate(server: Server) -> Gate:
    """The gate that runs the service's tests again on this server."""

    async def run(context: GateContext) -> Outcome:
        """Run the suite, without measuring coverage a second time."""
        paths = service_tests.paths_to_run(context)
        if not paths:
            return passed("no test depends on what changed")
        return await run_suite(
            context, paths, seconds=service_tests.SECONDS, env={"TEST_DATABASE_URL": server.url()}
        )

    return Gate(
        id=f"tests-{server.id}",
        group="backend",
        title=f"Tests on {server.title}",
        inputs=service_tests.INPUTS,
        run=where_it_answers(server, run),
        weight=5,
        rank=65,
        limit=service_tests.LIMIT,
        tools=("*",),
        facts=server.facts,
    )


def where_it_answers(
    server: Server, run: Callable[[GateContext], Awaitable[Outcome]]
) -> Callable[[GateContext], Awaitable[Outcome]]:
    """`run`, or the outcome that says that there is no server for us."""

    async def run_there(context: GateContext) -> Outcome:
        reason = await server.refusal(context.child)
        return Outcome("not_run", reason) if reason else await run(context)

    return run_there
