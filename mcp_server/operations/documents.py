"""The workspace's own texts by address: rules, PRPs, specs, gate logs, OpenAPI. A thin, read-only view for any face."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mcp_server.operations.context import Context
from mcp_server.workspace.errors import InvalidInput, Problem
from mcp_server.workspace.workspace import Workspace

_LONGEST = 100_000
"""Characters of one text; a longer one (a log) keeps its end, where the failure is."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A family of texts. `names` lists those worth listing; `read` takes the parts of the address."""

    template: str
    title: str
    mime_type: str
    names: Callable[[Workspace], list[str]]
    read: Callable[[Context, tuple[str, ...]], Awaitable[str]]

    def match(self, uri: str) -> re.Match[str] | None:
        """The parts of an address of this family, as groups."""
        pattern = re.sub(r"\\\{\w+\\\}", r"([A-Za-z0-9][A-Za-z0-9._-]{0,79})", re.escape(self.template))
        return re.fullmatch(pattern, uri)


@dataclass(frozen=True, slots=True)
class Document:
    """One text that can be read: its address and what it is."""

    uri: str
    title: str
    mime_type: str


def documents(workspace: Workspace) -> list[Document]:
    """Every text that exists now and is worth listing (logs are addressed by the runs that wrote them).

    Files whose names have no place in an address are left out.
    """
    found = (
        Document(kind.template.partition("{")[0] + name, f"{kind.title} {name}".strip(), kind.mime_type)
        for kind in KINDS
        for name in kind.names(workspace)
    )
    return [each for each in found if any(kind.match(each.uri) for kind in KINDS)]


async def read_document(context: Context, uri: str) -> tuple[str, str]:
    """Text and MIME type at `uri`. Raises InvalidInput DOC001 for an address that leads nowhere."""
    for kind in KINDS:
        if match := kind.match(uri):
            text = await kind.read(context, match.groups())
            if len(text) > _LONGEST and kind.mime_type == "text/plain":
                text = f"...\n{text[-_LONGEST:]}"
            return text, kind.mime_type
    templates = ", ".join(kind.template for kind in KINDS)
    raise InvalidInput(Problem("DOC001", uri[:120], "nothing has this address", f"Addresses: {templates}"))


def _file(
    pattern: str,
) -> tuple[Callable[[Workspace], list[str]], Callable[[Context, tuple[str, ...]], Awaitable[str]]]:
    before, after = pattern.split("*")

    def names(workspace: Workspace) -> list[str]:
        return [path[len(before) : len(path) - len(after)] for path in workspace.files(pattern)]

    async def read(context: Context, parts: tuple[str, ...]) -> str:
        return context.workspace.text(f"{before}{parts[0]}{after}")

    return names, read


def _specs(workspace: Workspace) -> list[str]:
    from mcp_server.changes import ledger

    return sorted(ledger.read(workspace))


async def _spec(context: Context, parts: tuple[str, ...]) -> str:
    from mcp_server.changes import ledger

    entries = ledger.read(context.workspace)
    if parts[0] not in entries:
        known = ", ".join(entries) or "none"
        raise InvalidInput(
            Problem("DOC002", parts[0], "the ledger has no such feature", f"Features: {known}")
        )
    return json.dumps(entries[parts[0]].spec, indent=2, ensure_ascii=False)


async def _log(context: Context, parts: tuple[str, ...]) -> str:
    from mcp_server.gates.runs import read_log

    return read_log(context.workspace, parts[0], parts[1])


async def _openapi(context: Context, _parts: tuple[str, ...]) -> str:
    document = await context.child.call("mcp_server.inspection.live:openapi")
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _none(_workspace: Workspace) -> list[str]:
    return []


def _one(_workspace: Workspace) -> list[str]:
    return [""]


KINDS = (
    Kind("kit://rules/{name}", "Rules", "text/markdown", *_file("rules/*.md")),
    Kind("kit://prps/{id}", "PRP", "text/markdown", *_file("PRPs/*/prp.md")),
    Kind("kit://features/{feature}", "Spec", "application/json", _specs, _spec),
    Kind("kit://openapi", "OpenAPI", "application/json", _one, _openapi),
    Kind("kit://gates/{run}/{gate}", "Log of a gate", "text/plain", _none, _log),
)
