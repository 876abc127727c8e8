"""`kit info`."""

from mcp_server.adapters.cli.options import Json
from mcp_server.adapters.cli.session import run


def info(as_json: Json = False) -> None:
    """Show the workspace as it is.

    Checkout, features, models, routes, migrations, database and the last run of the gates.
    """
    run("workspace_info", {}, as_json=as_json)
