"""`kit feature extend`."""

from typing import Annotated, Any

import typer

from mcp_server.adapters.cli.feature import show_change
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

_GROUPS = ("unique", "indexes")


def extend(
    name: Annotated[str, typer.Argument(help="The feature.")],
    add: Annotated[Many, typer.Option(help="A new field: 'weight:decimal(8,2)?'")] = None,
    change: Annotated[Many, typer.Option(help="A field as it shall be: 'name:string(2..200)'")] = None,
    rename: Annotated[Many, typer.Option(help="old=new, status.draft=new for a label; rows follow.")] = None,
    drop: Annotated[Many, typer.Option(help="A field that goes, with its values.")] = None,
    filters: Annotated[Many, typer.Option("--filter", help="Fields to filter lists by as well.")] = None,
    sort: Annotated[Many, typer.Option(help="Fields to sort lists by as well.")] = None,
    search: Annotated[Many, typer.Option(help="Text fields that ?search= looks in as well.")] = None,
    unique: Annotated[Many, typer.Option(help="Fields that shall be unique together: owner,name")] = None,
    index: Annotated[Many, typer.Option(help="Fields of a new index: status,-created_at")] = None,
    operations: Annotated[Many, typer.Option(help="Operations to offer as well.")] = None,
    without: Annotated[
        Many, typer.Option(help="Take out of a list: filters=price, operations=delete, unique=owner,name")
    ] = None,
    access: Annotated[Many, typer.Option(help="list=public, create=superuser ...")] = None,
    enum: Enum = None,
    pagination: Pagination = None,
    soft_delete: SoftDelete = False,
    hard_delete: HardDelete = False,
    owner: Annotated[str | None, typer.Option(help="`user`: rows belong to the caller.")] = None,
    description: Annotated[str | None, typer.Option(help="Shown in the API's documentation.")] = None,
    fill: Annotated[Many, typer.Option(help="What existing rows get in a required field: weight=0")] = None,
    spec: Annotated[
        str | None,
        typer.Option(help="The whole new spec instead, YAML; - for standard input. Renames beside it."),
    ] = None,
    by_hand: Annotated[
        Many,
        typer.Option(help="A file that has its part of the patch: what finds no place there is left out."),
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Change a feature.

    Files, tests and migration change together or not at all. What people edited by hand stays; where an edit is in the way,
    nothing is written, and the reply has the reasons and the patch.

    \b
      kit feature extend product --add 'weight:decimal(8,2)?' --filter weight --sort weight
      kit feature extend product --rename price=cost --change 'name:string(2..200)' --drop sku
      kit feature extend product --add 'rank:int' --fill rank=0
      kit feature extend product --without filters=price --access list=public --dry-run
      kit feature extend product --spec product.yaml --rename price=cost
    """
    settings = {
        "access": pairs_of(parts_of(access), "--access", "list=public"),
        "enums": enums_of(enum),
        "owner": owner,
        "pagination": pagination,
        "soft_delete": soft_delete_of(soft_delete, hard_delete),
        "description": description,
    }
    include = {
        "filters": parts_of(filters),
        "sort": parts_of(sort),
        "search": parts_of(search),
        "operations": parts_of(operations),
        "unique": groups_of(unique),
        "indexes": groups_of(index),
    }
    arguments: dict[str, Any] = {
        "feature": name,
        "add": add or None,
        "change": change or None,
        "rename": pairs_of(parts_of(rename), "--rename", "price=cost"),
        "drop": parts_of(drop),
        "set": _given(settings),
        "include": _given(include),
        "exclude": _excluded(without),
        "fill": pairs_of(fill, "--fill", "weight=0"),
        "spec": None if spec is None else text_of(spec),
        "by_hand": parts_of(by_hand),
        "dry_run": dry_run or None,
    }
    run("extend_feature", arguments, as_json=as_json, show=show_change)


def _given(options: dict[str, Any]) -> dict[str, Any] | None:
    return {key: value for key, value in options.items() if value is not None} or None


def _excluded(texts: Many) -> dict[str, list[Any]] | None:
    """`filters=price` as `{"filters": ["price"]}`; a group of columns is one entry."""
    found: dict[str, list[Any]] = {}
    for text in texts or ():
        pair = pairs_of([text], "--without", "filters=price") or {}
        for key, value in pair.items():
            names = parts_of([value]) or []
            found.setdefault(key, []).extend([names] if key in _GROUPS else names)
    return found or None
