"""`kit feature ...`."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from mcp_server.adapters.cli.options import (
    DryRun,
    Enum,
    HardDelete,
    Json,
    Many,
    Pagination,
    SoftDelete,
    soft_delete_of,
)
from mcp_server.adapters.cli.session import run
from mcp_server.adapters.cli.texts import enums_of, groups_of, pairs_of, parts_of, text_of


def add(
    name: Annotated[str, typer.Argument(help="Singular snake_case name of the feature.")] = "",
    fields: Annotated[Many, typer.Argument(help="One field each, quoted for the shell.")] = None,
    spec: Annotated[
        str | None, typer.Option(help="Read the whole spec from a YAML file; - for standard input.")
    ] = None,
    plural: Annotated[str | None, typer.Option(help="Plural, where English is irregular.")] = None,
    description: Annotated[str | None, typer.Option(help="Shown in the API's documentation.")] = None,
    owner: Annotated[str | None, typer.Option(help="`user`: rows belong to the caller.")] = None,
    unique: Annotated[Many, typer.Option(help="Fields that are unique together: owner,name")] = None,
    index: Annotated[Many, typer.Option(help="Fields of an index: status,-created_at")] = None,
    search: Annotated[Many, typer.Option(help="Text fields that ?search= looks in.")] = None,
    filters: Annotated[Many, typer.Option("--filter", help="Fields to filter lists by.")] = None,
    sort: Annotated[Many, typer.Option(help="Fields to sort lists by.")] = None,
    operations: Annotated[
        Many, typer.Option(help="Only these: list,get,create,replace,update,delete")
    ] = None,
    access: Annotated[Many, typer.Option(help="list=public, create=superuser ...")] = None,
    enum: Enum = None,
    pagination: Pagination = None,
    soft_delete: SoftDelete = False,
    hard_delete: HardDelete = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Create a feature from a spec.

    Model, schemas, repository, service, endpoints, tests and migration, in one transaction.

    \b
    Parentheses, ?, < and > mean something to the shell, so quote the fields. Lists go by comma, or the option is repeated:
      kit feature add supplier 'name:string(2..100) unique' 'email:email?' 'category:ref(category)?'
      kit feature add order_item 'price:decimal(12,2) >=0' 'status:enum(open,paid)=open' --filter status --sort price
      kit feature add --spec supplier.yaml --dry-run
      kit feature add --spec - < supplier.yaml
    """
    arguments: dict[str, Any] = {
        "feature": name or None,
        "fields": fields or None,
        "spec": None if spec is None else text_of(spec),
        "plural": plural,
        "description": description,
        "owner": owner,
        "unique": groups_of(unique),
        "indexes": groups_of(index),
        "search": parts_of(search),
        "filters": parts_of(filters),
        "sort": parts_of(sort),
        "operations": parts_of(operations),
        "access": pairs_of(parts_of(access), "--access", "list=public"),
        "enums": enums_of(enum),
        "pagination": pagination,
        "soft_delete": soft_delete_of(soft_delete, hard_delete),
        "dry_run": dry_run or None,
    }
    run("scaffold_feature", arguments, as_json=as_json, show=show_change)


def remove(
    name: Annotated[str, typer.Argument(help="The feature.")],
    force: Annotated[bool, typer.Option("--force", help="Also files that were edited by hand.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Take a feature out.

    Its files go at once; its table goes by the migration that is written, when `kit migrate apply` runs it. Refused while
    other features or files use it. `kit feature undo` gives everything back.
    """
    arguments = {"feature": name, "force": force or None, "dry_run": dry_run or None}
    run("remove_feature", arguments, as_json=as_json, show=show_change)


def undo(
    change_id: Annotated[
        str | None,
        typer.Argument(help="From the reply of the change; default: the last one still in effect."),
    ] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="Lose the rows that a downgrade loses.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Undo a change of a feature.

    Every byte comes back; what was edited since in other lines stays. Its migration is downgraded first where it was applied
    to a development database. Refused, naming file and lines, where the same lines were edited. The id of an undo does the
    change again.
    """
    arguments = {"change_id": change_id, "confirm": confirm or None, "dry_run": dry_run or None}
    run("undo_change", arguments, as_json=as_json, show=show_change)


def show_change(facts: Mapping[str, Any]) -> None:
    """The diff of a dry run, or the files that were written."""
    if "diff" in facts:
        typer.echo(facts["diff"], nl=False)
        typer.echo(f"dry run: {len(facts['files'])} files, nothing was changed", err=True)
        return
    for path, count in facts.get("files", {}).items():
        typer.echo(f"  {path:<48} {count:>5} lines")
    for route in facts.get("routes", []):
        typer.echo(f"  {route}")
    for note in facts.get("notes", []):
        typer.echo(f"note       {note}")
    for name in ("change_id", "revision", "next"):
        if name in facts:
            typer.echo(f"{name.replace('_', ' '):<10} {facts[name]}")
