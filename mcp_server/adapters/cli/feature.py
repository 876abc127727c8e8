"""`kit feature ...`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from mcp_server.adapters.cli.options import Json
from mcp_server.adapters.cli.session import run


def add(
    name: Annotated[str, typer.Argument(help="Singular snake_case name of the feature.")] = "",
    fields: Annotated[list[str] | None, typer.Argument(help="One field each, quoted for the shell.")] = None,
    spec: Annotated[
        str | None, typer.Option(help="Read the whole spec from a YAML file; - for standard input.")
    ] = None,
    plural: Annotated[str | None, typer.Option(help="Plural, where English is irregular.")] = None,
    description: Annotated[str | None, typer.Option(help="Shown in the API's documentation.")] = None,
    owner: Annotated[str | None, typer.Option(help="`user`: rows belong to the caller.")] = None,
    unique: Annotated[
        list[str] | None, typer.Option(help="Fields that are unique together: owner,name")
    ] = None,
    index: Annotated[list[str] | None, typer.Option(help="Fields of an index: status,-created_at")] = None,
    search: Annotated[str | None, typer.Option(help="Text fields that ?search= looks in.")] = None,
    filters: Annotated[str | None, typer.Option("--filter", help="Fields to filter lists by.")] = None,
    sort: Annotated[str | None, typer.Option(help="Fields to sort lists by.")] = None,
    operations: Annotated[
        str | None, typer.Option(help="Only these: list,get,create,replace,update,delete")
    ] = None,
    access: Annotated[list[str] | None, typer.Option(help="list=public, create=superuser ...")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the diff and change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Create a feature from a spec.

    Model, schemas, repository, service, endpoints, tests and migration, in one transaction.

    \b
    Parentheses, ?, < and > mean something to the shell, so quote the fields:
      kit feature add supplier 'name:string(2..100) unique' 'email:email?' 'category:ref(category)?'
      kit feature add order_item 'price:decimal(12,2) >=0' 'status:enum(open,paid)=open' --filter status --sort price
      kit feature add --spec supplier.yaml --dry-run
      kit feature add --spec - < supplier.yaml
    """
    arguments: dict[str, Any] = {
        "feature": name or None,
        "fields": fields or None,
        "spec": None if spec is None else _text(spec),
        "plural": plural,
        "description": description,
        "owner": owner,
        "unique": _groups(unique),
        "indexes": _groups(index),
        "search": _names(search),
        "filters": _names(filters),
        "sort": _names(sort),
        "operations": _names(operations),
        "access": _pairs(access),
        "dry_run": dry_run or None,
    }
    run("scaffold_feature", arguments, as_json=as_json, show=show_change)


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
    for name in ("change_id", "revision", "next"):
        if name in facts:
            typer.echo(f"{name.replace('_', ' '):<10} {facts[name]}")


def _text(source: str) -> str:
    if source == "-":
        return sys.stdin.read()
    try:
        return Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"cannot read {source}: {error}", param_hint="--spec") from None


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def _groups(texts: list[str] | None) -> list[list[str]] | None:
    return [_names(text) or [] for text in texts] if texts else None


def _pairs(texts: list[str] | None) -> dict[str, str] | None:
    if not texts:
        return None
    pairs = [text.partition("=") for text in texts]
    for operation, _, level in pairs:
        if not level:
            raise typer.BadParameter(
                f"{operation!r} is not operation=level, such as list=public", param_hint="--access"
            )
    return {operation: level for operation, _, level in pairs}
