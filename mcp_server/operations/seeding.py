"""Demo data for a development database: a user to sign in with, and rows of every feature that the kit made."""

from dataclasses import asdict, dataclass
from typing import Final

from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.errors import Problem, Refused
from mcp_server.workspace.workspace import Workspace

EMAIL: Final = "demo@example.com"
PASSWORD: Final = "demo-password"  # noqa: S105 -- known to everybody, for databases of developers only
SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Seeded:
    """Rows made by table, and why other tables were left alone."""

    database: str
    made: dict[str, int]
    left: dict[str, str]


async def seed(workspace: Workspace, child: WarmChild) -> Seeded:
    """Fill every empty table of a feature, and add the demo user unless it is there.

    Refused SEED001 for a protected database or one in memory; KitError SEED002 when migrations are missing or the
    database does not answer, SEED003 when the service refuses a row.
    """
    from mcp_server.changes import ledger
    from mcp_server.features.demo_rows import demo_rows
    from mcp_server.features.shared_enums import resolved
    from mcp_server.migrations.draft import read_target
    from mcp_server.operations.known_features import catalog_of, spec_of
    from mcp_server.workspace.lock import workspace_lock

    async with workspace_lock(workspace, "db seed"):
        target = await read_target(workspace, child)
        if target.class_ == "protected" or (target.engine == "sqlite" and target.file is None):
            hint = (
                "Set DATABASE_URL to a file of the workspace or a server on this machine, outside production"
            )
            raise Refused(Problem("SEED001", str(target), f"not for demo data: {target.reason}", hint))
        catalog = catalog_of(workspace)
        rows = demo_rows(resolved(spec_of(entry), catalog) for entry in ledger.read(workspace).values())
        account = {"email": EMAIL, "password": PASSWORD, "confirm_password": PASSWORD, "full_name": "Demo"}
        found = await child.call(
            "mcp_server.migrations.seed:seed",
            timeout=SECONDS,
            account=account,
            features=[asdict(each) for each in rows],
        )
    return Seeded(str(target), found["made"], found["left"])
