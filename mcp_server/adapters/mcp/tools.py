"""Every operation of the registry as an MCP tool."""

import logging
from dataclasses import asdict
from difflib import get_close_matches
from typing import Any

import anyio
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)

from mcp_server.adapters.mcp.fit import as_text, fit
from mcp_server.adapters.mcp.schema import request_schema, result_schema
from mcp_server.adapters.mcp.session import Session
from mcp_server.operations.operation import AnyOperation
from mcp_server.operations.registry import OPERATIONS, perform
from mcp_server.workspace.errors import KitError

_log = logging.getLogger("kit.mcp")


class Tools:
    """Lists the tools and calls them. Knows which calls are running, so that a stopping server can end them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._listed: ListToolsResult | None = None
        self._running: dict[anyio.CancelScope, anyio.Event] = {}

    async def list(
        self, _ctx: ServerRequestContext[Any], _params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        if self._listed is None:
            self._listed = ListToolsResult(tools=[definition(operation) for operation in OPERATIONS.values()])
        return self._listed

    async def call(self, ctx: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        operation = OPERATIONS.get(params.name)
        if operation is None:
            close = get_close_matches(params.name, OPERATIONS, n=1)
            hint = f"Did you mean {close[0]}?" if close else f"Tools: {', '.join(OPERATIONS)}."
            raise MCPError(INVALID_PARAMS, f"Unknown tool: {params.name[:80]}. {hint}")

        async def report(done: float, total: float | None, message: str) -> None:
            await ctx.session.report_progress(done, total, message)

        scope = anyio.CancelScope()
        ended = self._running[scope] = anyio.Event()
        try:
            with scope:
                result = await perform(operation, self._session.context(report), params.arguments or {})
                return success(result.facts())
        except KitError as error:
            return failure(operation, error)
        finally:
            del self._running[scope]
            ended.set()
        return CallToolResult(content=[TextContent(text=f"{operation.name} was stopped.")], is_error=True)

    async def stop(self, within: float) -> None:
        """Cancel the running calls and wait, at most `within` seconds, until each has ended what it started."""
        running = dict(self._running)
        for scope in running:
            scope.cancel()
        with anyio.move_on_after(within):
            for ended in running.values():
                await ended.wait()


def definition(operation: AnyOperation) -> Tool:
    return Tool(
        name=operation.name,
        title=operation.title,
        description=operation.description,
        input_schema=request_schema(operation.request),
        output_schema=result_schema(operation.result),
        annotations=_annotations(operation),
    )


def _annotations(operation: AnyOperation) -> ToolAnnotations:
    """The declared facts. What a client assumes anyway (not read-only, not idempotent) is left unsaid."""
    return ToolAnnotations(
        read_only_hint=operation.reads_only or None,
        destructive_hint=None if operation.reads_only else operation.destructive,
        idempotent_hint=operation.idempotent or None,
        open_world_hint=False,
    )


def success(facts: dict[str, Any]) -> CallToolResult:
    """Some clients show the model only the structured content, others only the text: both hold the same facts."""
    fitted = fit(facts)
    return CallToolResult(content=[TextContent(text=as_text(fitted))], structured_content=fitted)


def failure(operation: AnyOperation, error: KitError) -> CallToolResult:
    problems = [asdict(problem) for problem in error.problems]
    fitted = fit({"problems": problems})
    lines = [f"{p['code']} at {p['place']}: {p['reason']}. {p['hint']}" for p in fitted["problems"]]
    if len(lines) < len(problems):
        lines.append(f"... and {len(problems) - len(lines)} more problems.")
    _log.info(
        "tool.refused tool=%s codes=%s", operation.name, ",".join(problem.code for problem in error.problems)
    )
    return CallToolResult(
        content=[TextContent(text="\n".join(lines))], structured_content=fitted, is_error=True
    )
