"""The command `kit`. Builds the tree of commands; what they do is one file each beside this one."""

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mcp_server.adapters.cli.own_checkout import change_to_own_code

if TYPE_CHECKING:
    import typer

HELP = """Build FastAPI features, migrate them and prove them.

Exit codes: 0 fine, 1 findings, 2 wrong usage or input, 3 refused as unsafe.
"""


def main() -> None:
    """Entry point of the console script."""
    change_to_own_code()
    if sys.argv[1:] == ["gates"]:
        # The command people repeat all day: reading options takes longer than an unchanged tree needs for its answer.
        sys.exit(_gates())
    sys.exit(_run(build()))


def _run(app: "typer.Typer") -> int:
    """Perform the command of the command line. What is wrong with how it was called is JSON as well where that is wanted."""
    from typer import TyperException

    from mcp_server.adapters.cli.answers import write_problems
    from mcp_server.workspace.errors import InvalidInput, Problem

    as_json = "--json" in sys.argv[1:]
    try:
        return app(prog_name="kit", standalone_mode=not as_json) or 0
    except TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "kit"
        hint = f"`{command} --help` shows how it is called"
        wrong = InvalidInput(Problem("ARG005", command, error.format_message(), hint))
        write_problems(wrong, as_json=True)
        return wrong.exit_code


def build() -> "typer.Typer":
    """The application with every command."""
    from mcp_server.adapters.cli import db, extend, feature, gates, info, migrate, prp, rules, serve, trace

    app = _group(HELP, name="kit")
    app.command()(info.info)
    _add(
        app,
        "feature",
        "Create and change features.",
        {
            "add": feature.add,
            "extend": extend.extend,
            "trace": trace.trace,
            "remove": feature.remove,
            "undo": feature.undo,
        },
    )
    _add(
        app,
        "migrate",
        "Plan and apply migrations.",
        {"plan": migrate.plan, "apply": migrate.apply, "rebase": migrate.rebase},
    )
    app.command()(gates.gates)
    _add(app, "db", "Fill the database.", {"seed": db.seed})
    _add(app, "rules", "Publish the rules and the plan.", {"sync": rules.sync, "check": rules.check})
    _add(app, "prp", "Requirements for agents (PRPs).", {"check": prp.check})
    _add(app, "plan", "The board of tasks.", {"show": prp.show})
    app.command()(serve.serve)
    return app


def _add(app: "typer.Typer", name: str, text: str, commands: Mapping[str, Callable[..., None]]) -> None:
    """Add a group of commands."""
    group = _group(text)
    for command, function in commands.items():
        group.command(command)(function)
    # A callback keeps `kit plan show` from collapsing into `kit plan` while the group has one command only.
    group.callback()(lambda: None)
    app.add_typer(group, name=name, help=text)


def _gates() -> int:
    from mcp_server.adapters.cli.gate_show import run_and_show
    from mcp_server.workspace.errors import KitError

    try:
        return 0 if run_and_show().passed else 1
    except KitError as error:
        for problem in error.problems:
            sys.stderr.write(f"{problem.code} at {problem.place}: {problem.reason}\n    {problem.hint}\n")
        return error.exit_code


def _group(text: str, *, name: str | None = None) -> "typer.Typer":
    import typer

    return typer.Typer(
        name=name,
        help=text,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


if __name__ == "__main__":
    main()
