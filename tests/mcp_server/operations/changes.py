"""Changes of a feature that many tests ask for, and edits by hand beside them."""
# ruff: noqa: S607 - the tests start git

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mcp_server.migrations.apply import apply
from mcp_server.migrations.plan import plan
from mcp_server.operations.context import Context
from mcp_server.operations.registry import OPERATIONS, perform
from mcp_server.workspace.errors import KitError
from tests.mcp_server.operations.conftest import contents

SUPPLIER: dict[str, Any] = {
    "feature": "supplier",
    "fields": [
        "name:string(2..100) unique",
        "code:string(..20)",
        "rating:int? >=1",
        "category:ref(category)?",
    ],
    "search": ["name"],
    "filters": ["rating"],
    "sort": ["name"],
}


EXTEND: dict[str, Any] = {
    "feature": "supplier",
    "add": ["weight:decimal(8,2)?", "active:bool=true"],
    "change": ["name:string(2..200) unique"],
    "rename": {"rating": "score"},
    "drop": ["code"],
    "include": {"filters": ["weight"], "sort": ["weight"]},
}


async def do(context: Context, name: str, **arguments: Any) -> dict[str, Any]:
    return (await perform(OPERATIONS[name], context, arguments)).facts()


async def scaffold(context: Context) -> dict[str, Any]:
    return await do(context, "scaffold_feature", **SUPPLIER)


async def refused(context: Context, name: str, **arguments: Any) -> list[str]:
    """The codes of a refusal that left everything as it was."""
    before = contents(context.workspace.root)
    with pytest.raises(KitError) as caught:
        await do(context, name, **arguments)
    assert contents(context.workspace.root) == before
    return [problem.code for problem in caught.value.problems]


def apply_reversed(root: Path, diff: bytes) -> None:
    if diff:  # git refuses an empty patch
        subprocess.run(["git", "apply", "--reverse", "-"], cwd=root, input=diff, check=True)


CHANGES: dict[str, tuple[str, Mapping[str, Any]]] = {
    "extend": ("extend_feature", EXTEND),
    "remove": ("remove_feature", {"feature": "supplier"}),
    "undo": ("undo_change", {}),
}


def edit(root: Path) -> list[str]:
    """Edits as people make them, beside and between what is generated; the lines that have to survive."""
    service = root / "app/services/supplier.py"
    text = service.read_text()
    method = '    async def rank(self) -> str:\n        """Ours."""\n        return "first"  # by hand\n'
    text = text.replace("    async def create(", f"{method}\n    async def create(", 1)
    service.write_text(text.replace("log: Filtering", "LIMIT = 7  # ours\n\nlog: Filtering", 1))
    model = root / "app/models/supplier.py"
    model.write_text(
        model.read_text() + "\n    @property\n    def shout(self) -> str:\n        return self.name.upper()\n"
    )
    return ["LIMIT = 7  # ours", *method.splitlines(), "        return self.name.upper()"]


async def migrate(context: Context) -> None:
    planned = await plan(context.workspace, context.child, prove=False)
    await apply(context.workspace, context.child, planned.token)


async def sql(context: Context, statement: str) -> list[Any]:
    import sqlite3

    with sqlite3.connect(context.workspace.root / "app.db") as connection:
        rows = connection.execute(statement).fetchall()
    connection.close()
    return rows
