"""The workspace's texts as MCP resources."""

from typing import Any

from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    ListResourcesResult,
    ListResourceTemplatesResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)

from mcp_server.adapters.mcp.session import Session
from mcp_server.operations.context import no_progress
from mcp_server.operations.documents import KINDS, documents, read_document
from mcp_server.workspace.errors import KitError

Ctx = ServerRequestContext[Any]


class Resources:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def list(self, _ctx: Ctx, _params: PaginatedRequestParams | None) -> ListResourcesResult:
        found = documents(self._session.workspace())
        return ListResourcesResult(
            resources=[Resource(uri=one.uri, name=one.title, mime_type=one.mime_type) for one in found]
        )

    async def templates(
        self, _ctx: Ctx, _params: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        return ListResourceTemplatesResult(
            resource_templates=[
                ResourceTemplate(uri_template=kind.template, name=kind.title, mime_type=kind.mime_type)
                for kind in KINDS
                if "{" in kind.template
            ]
        )

    async def read(self, _ctx: Ctx, params: ReadResourceRequestParams) -> ReadResourceResult:
        try:
            text, mime_type = await read_document(self._session.context(no_progress), str(params.uri))
        except KitError as error:
            raise MCPError(INVALID_PARAMS, str(error), {"uri": str(params.uri)}) from error
        return ReadResourceResult(
            contents=[TextResourceContents(uri=str(params.uri), mime_type=mime_type, text=text)]
        )
