"""The files and the revision of a feature as the kit makes them: what creating, extending and removing have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from mcp_server.features.nested import nested_of
from mcp_server.migrations import heads
from mcp_server.migrations.write import file_name, write_revision
from mcp_server.schema.operations import SchemaOperation
from mcp_server.workspace.workspace import Workspace

if TYPE_CHECKING:
    from mcp_server.features.catalog import Catalog
    from mcp_server.features.spec import FeatureSpec


_NESTED_METHODS = {"list": "GET", "create": "POST"}


@dataclass(frozen=True, slots=True)
class NewRevision:
    id: str
    path: str
    text: str


def new_revision(workspace: Workspace, steps: Sequence[SchemaOperation], message: str) -> NewRevision:
    """The revision that performs `steps` on top of the head.

    The id is drawn from the content, not from chance: a dry run has to show the very bytes that are applied later.
    """
    written = partial(
        write_revision,
        steps,
        message=message,
        down_revision=heads.read(workspace).head,
        line_length=workspace.config.line_length,
    )
    revision = sha256(written(revision="").encode()).hexdigest()[:12]
    text = written(revision=revision)
    return NewRevision(revision, f"{heads.versions_folder(workspace)}/{file_name(revision, message)}", text)


def content_hash(text: str) -> str:
    """What the ledger keeps of a file."""
    return sha256(text.encode()).hexdigest()


def edited_by_hand(made: Mapping[str, str], now: Mapping[str, bytes | None]) -> list[str]:
    """The files of `made` (path to hash) that have another content `now` (path to content). One that is gone is not among them."""
    return [
        path
        for path, hash_ in sorted(made.items())
        if (content := now[path]) is not None and sha256(content).hexdigest() != hash_
    ]


def routes_of(spec: "FeatureSpec", catalog: "Catalog") -> list[str]:
    """The routes of the feature, below the prefix of the API."""
    one, all_ = f"/{spec.names.path}/{{public_id}}", f"/{spec.names.path}"
    routes = {
        "list": f"GET {all_}",
        "get": f"GET {one}",
        "create": f"POST {all_}",
        "replace": f"PUT {one}",
        "update": f"PATCH {one}",
        "delete": f"DELETE {one}",
        "bulk_create": f"POST {all_}/bulk",
    }
    nested = [
        f"{_NESTED_METHODS[operation]} {each.path}"
        for each in nested_of(spec, catalog)
        for operation in each.operations
    ]
    return [route for operation, route in routes.items() if operation in spec.operations] + nested
