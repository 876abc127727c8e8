"""`kit gates`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mcp_server.adapters.cli.answers import FINDINGS, fail
from mcp_server.adapters.cli.options import Json, Many
from mcp_server.adapters.cli.texts import parts_of

if TYPE_CHECKING:
    from mcp_server.gates.result import Report


def gates(
    names: Annotated[list[str] | None, typer.Argument(help="Only these gates or groups.")] = None,
    only: Annotated[Many, typer.Option(help="The same; may be repeated, or take several by comma.")] = None,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only what the uncommitted changes affect.")
    ] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Also run what is unchanged.")] = False,
    run_id: Annotated[str | None, typer.Option("--run", help="Show this finished run instead.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Also write JUnit XML to this file.")] = None,
    sarif: Annotated[Path | None, typer.Option(help="Also write SARIF to this file.")] = None,
    as_json: Json = False,
) -> None:
    """Run the quality gates.

    Exit code 1 when one of them does not pass.

    \b
      kit gates                         everything; unchanged parts answer from the cache
      kit gates --changed               only what your uncommitted changes affect
      kit gates lint types              only these; --only lint,types is the same
      kit gates --json                  the short report that agents get
    """
    only = parts_of([*(only or ()), *(names or ())])
    if as_json:
        report = _as_json({"only": only, "changed": changed, "no_cache": no_cache, "run_id": run_id})
    else:
        from mcp_server.adapters.cli.gate_show import run_and_show
        from mcp_server.workspace.errors import KitError

        try:
            report = run_and_show(only=only or (), changed=changed, no_cache=no_cache, run_id=run_id)
        except KitError as error:
            fail(error, as_json=False)
    if junit is not None:
        from mcp_server.gates.report.junit import to_junit

        junit.write_text(to_junit(report), encoding="utf-8")
    if sarif is not None:
        from mcp_server.gates.report.sarif import to_sarif

        sarif.write_text(json.dumps(to_sarif(report), indent=2), encoding="utf-8")
    if not report.passed:
        raise typer.Exit(FINDINGS)


def _as_json(arguments: dict[str, Any]) -> "Report":
    """Write the report that agents get, and return the whole one."""
    from mcp_server.adapters.cli.session import run
    from mcp_server.gates.runs import find_report
    from mcp_server.workspace.workspace import Workspace

    facts = run("run_quality_gates", arguments, as_json=True)
    report = find_report(Workspace.open(), facts["run"])
    if report is None:
        raise AssertionError("a finished run is stored")
    return report
