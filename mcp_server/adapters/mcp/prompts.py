"""The workspace's skills as MCP prompts."""

from typing import Any

from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    GetPromptRequestParams,
    GetPromptResult,
    ListPromptsResult,
    PaginatedRequestParams,
    Prompt,
    PromptArgument,
    PromptMessage,
    TextContent,
)

from mcp_server.adapters.mcp.session import Session
from mcp_server.operations.skills import skill, skills
from mcp_server.workspace.errors import KitError

Ctx = ServerRequestContext[Any]
_REQUEST = PromptArgument(
    name="request", description="What you want done, in your own words.", required=False
)


class Prompts:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def list(self, _ctx: Ctx, _params: PaginatedRequestParams | None) -> ListPromptsResult:
        found = skills(self._session.workspace()).values()
        return ListPromptsResult(
            prompts=[
                Prompt(name=one.name, description=one.description, arguments=[_REQUEST]) for one in found
            ]
        )

    async def get(self, _ctx: Ctx, params: GetPromptRequestParams) -> GetPromptResult:
        try:
            found = skill(self._session.workspace(), params.name)
        except KitError as error:
            raise MCPError(INVALID_PARAMS, str(error)) from error
        text = found.text((params.arguments or {}).get("request", ""))
        return GetPromptResult(
            description=found.description,
            messages=[PromptMessage(role="user", content=TextContent(text=text))],
        )
