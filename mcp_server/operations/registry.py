"""The one table of operations, and the one way to perform them."""

import logging
from collections.abc import Mapping
from typing import Any

from mcp_server.operations.apply_migration import apply_migration
from mcp_server.operations.arguments import parse_arguments
from mcp_server.operations.context import Context
from mcp_server.operations.extend_feature import extend_feature
from mcp_server.operations.operation import AnyOperation
from mcp_server.operations.plan_migration import plan_migration
from mcp_server.operations.remove_feature import remove_feature
from mcp_server.operations.result import Result
from mcp_server.operations.run_quality_gates import run_quality_gates
from mcp_server.operations.scaffold_feature import scaffold_feature
from mcp_server.operations.undo_change import undo_change
from mcp_server.operations.workspace_info import workspace_info
from mcp_server.workspace.errors import KitError, Problem

OPERATIONS: Mapping[str, AnyOperation] = {
    operation.name: operation
    for operation in (
        workspace_info,
        scaffold_feature,
        extend_feature,
        remove_feature,
        undo_change,
        plan_migration,
        apply_migration,
        run_quality_gates,
    )
}

_log = logging.getLogger("kit.operations")


async def perform(operation: AnyOperation, context: Context, arguments: Mapping[str, Any]) -> Result:
    """Validate `arguments`, finish what an earlier crash left half done, run, and say where it ran.

    Raises KitError for everything that can go wrong; a defect of the kit is KIT500 and leaves its traceback in the log.
    """
    request = parse_arguments(operation, arguments)
    workspace = context.workspace
    try:
        from mcp_server.changes import journal

        await journal.recover(workspace)
        result: Result = await operation.run(context, request)
    except KitError:
        raise
    except Exception as error:
        _log.exception("operation.failed operation=%s", operation.name)
        raise KitError(
            Problem(
                "KIT500",
                operation.name,
                f"unexpected {type(error).__name__}: {str(error)[:300]}",
                "This is a defect in the kit, not in your request; the traceback is in the server's standard error.",
            )
        ) from error
    from mcp_server.workspace import fingerprint, git

    where = {
        "root": str(workspace.root),
        "branch": git.facts(workspace.root).branch,
        "tree": fingerprint.tree_hash(workspace),
    }
    return result.model_copy(update=where)
