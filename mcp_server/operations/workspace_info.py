"""`workspace_info`: where am I, and what is here."""

import asyncio
import platform
from functools import cache
from typing import TYPE_CHECKING, Any

from mcp_server.operations.context import Context
from mcp_server.operations.operation import Operation
from mcp_server.operations.result import Request, Result
from mcp_server.workspace.errors import KitError

if TYPE_CHECKING:
    from mcp_server.workspace.workspace import Workspace

_REPORTED = ("fastapi-agent-kit", "fastapi", "sqlalchemy", "alembic", "pydantic", "mcp")
_SECONDS = 20


class InfoRequest(Request):
    pass


class InfoResult(Result):
    layout: str
    versions: dict[str, str]
    features: list[str] = []
    models: dict[str, str] = {}
    routes: dict[str, str] = {}
    migrations: dict[str, Any] = {}
    database: str = ""
    last_gates: dict[str, Any] = {}
    app_fails: str = ""


async def _run(context: Context, _request: InfoRequest) -> InfoResult:
    from mcp_server.inspection import source

    workspace = context.workspace
    live = await _live(context)
    return InfoResult(
        layout=workspace.config.layout,
        versions=_versions(),
        features=[feature.name for feature in source.features(workspace)],
        models={model.name: model.table for model in source.models(workspace)},
        last_gates=_last_gates(workspace),
        **live,
    )


async def _live(context: Context) -> dict[str, Any]:
    """Routes, database and migrations as the running app has them; what fails is told instead, or read from source."""
    routes, target, migrations = await asyncio.gather(
        _routes(context), _database(context), _migrations(context)
    )
    return {**target, **migrations, **routes}


async def _routes(context: Context) -> dict[str, Any]:
    try:
        found = await context.child.call("mcp_server.inspection.live:routes", timeout=_SECONDS)
    except KitError as error:
        from mcp_server.inspection import source

        listed = [(route.url, route.method) for route in source.routes(context.workspace)]
        return {"routes": _by_path(listed), "app_fails": str(error)[:500]}
    return {"routes": _by_path([(route["path"], method) for route in found for method in route["methods"]])}


def _by_path(routes: list[tuple[str, str]]) -> dict[str, str]:
    """Path to its methods, without those that the framework adds by itself."""
    paths: dict[str, list[str]] = {}
    for path, method in routes:
        if method != "HEAD":
            paths.setdefault(path, []).append(method)
    return {path: " ".join(methods) for path, methods in paths.items()}


async def _database(context: Context) -> dict[str, Any]:
    from mcp_server.migrations.draft import read_target

    try:
        return {"database": str(await read_target(context.workspace, context.child))}
    except KitError as error:
        return {"database": f"unknown: {str(error)[:300]}"}


async def _migrations(context: Context) -> dict[str, Any]:
    from mcp_server.migrations import heads
    from mcp_server.migrations.draft import CHILD

    state: dict[str, Any] = {}
    try:
        graph = heads.read(context.workspace)
        state["heads"] = list(graph.heads)
        current = (await context.child.call(f"{CHILD}:state", timeout=_SECONDS))["current"]
        state["current"] = current
        state["pending"] = [revision.id for revision in graph.pending(tuple(current))]
    except KitError as error:
        state["problem"] = str(error)[:300]  # beside what is known all the same
    return {"migrations": state}


def _last_gates(workspace: "Workspace") -> dict[str, Any]:
    from mcp_server.gates.runs import find_report

    report = find_report(workspace)
    if report is None:
        return {}
    return {"run": report.run, "verdict": report.verdict, "counts": report.counts, "tree": report.tree}


@cache
def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for name in _REPORTED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


workspace_info = Operation(
    name="workspace_info",
    title="Workspace facts",
    description=(
        "Start here: one picture of checkout, branch, tree, features, models, routes, migrations, database and last gates. "
        "Answers from source when the app does not import."
    ),
    request=InfoRequest,
    result=InfoResult,
    run=_run,
    reads_only=True,
    idempotent=True,
)
