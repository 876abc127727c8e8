"""The MCP server: the registry's operations as tools, the workspace's texts as resources, its skills as prompts."""

from importlib.metadata import version
from typing import Any

from mcp.server import Server

from mcp_server.adapters.mcp.prompts import Prompts
from mcp_server.adapters.mcp.resources import Resources
from mcp_server.adapters.mcp.session import Session
from mcp_server.adapters.mcp.tools import Tools

INSTRUCTIONS = (
    "Builds and proves features of this FastAPI workspace. Call workspace_info first; then scaffold_feature "
    "or extend_feature, plan_migration, apply_migration, run_quality_gates. Every refusal names a code, the place and the fix."
)


def build_server(session: Session, tools: Tools) -> Server[Any]:
    """The low-level server of the SDK: it takes schemas as they are and leaves the arguments to us to check."""
    resources = Resources(session)
    prompts = Prompts(session)
    return Server(
        "kit",
        version=version("fastapi-agent-kit"),
        title="FastAPI Agent Kit",
        instructions=INSTRUCTIONS,
        on_list_tools=tools.list,
        on_call_tool=tools.call,
        on_list_resources=resources.list,
        on_list_resource_templates=resources.templates,
        on_read_resource=resources.read,
        on_list_prompts=prompts.list,
        on_get_prompt=prompts.get,
    )
