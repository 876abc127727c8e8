"""Plan tokens: a digest of what was planned for which database, kept until it is applied."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from mcp_server.workspace.errors import Problem, Refused
from mcp_server.workspace.files import newest_first, write_atomic
from mcp_server.workspace.workspace import Workspace

KEPT = 20


@dataclass(frozen=True, slots=True)
class Material:
    """What a token stands for. Two plans are the same if all of this is.

    `revisions` maps each pending revision, in order, to the hash of its file, its SQL and its verdicts.
    """

    identity: str
    database: str
    current: tuple[str, ...]
    revisions: tuple[tuple[str, str], ...]

    @property
    def token(self) -> str:
        return sha256(self._text().encode()).hexdigest()[:32]

    def _text(self) -> str:
        return json.dumps([self.identity, self.database, self.current, self.revisions])

    def changed(self, now: "Material") -> list[str]:
        """What is different now, in words."""
        found = []
        if (self.identity, self.database) != (now.identity, now.database):
            found.append(f"the database is now {now.database}, the plan was for {self.database}")
        if self.current != now.current:
            found.append(
                f"the database is now at {_names(now.current)}, the plan began at {_names(self.current)}"
            )
        before, after = dict(self.revisions), dict(now.revisions)
        found += [f"revision {one} is new" for one in after if one not in before]
        found += [f"revision {one} is no longer pending" for one in before if one not in after]
        found += [
            f"revision {one} would do something else"
            for one in after
            if before.get(one, after[one]) != after[one]
        ]
        return found or ["the order of the revisions"]


def save(workspace: Workspace, material: Material) -> str:
    """Remember the plan and return its token. The last 20 plans are kept."""
    folder = _folder(workspace)
    data: dict[str, Any] = {
        "identity": material.identity,
        "database": material.database,
        "current": material.current,
        "revisions": material.revisions,
    }
    write_atomic(folder / f"{material.token}.json", json.dumps(data).encode(), durable=False)
    for old in newest_first(folder, "*.json")[KEPT:]:
        old.unlink(missing_ok=True)
    return material.token


def load(workspace: Workspace, token: str) -> Material:
    """The plan behind a token. Refused MIG011 for one that was never given, or given in another checkout."""
    path = _folder(workspace) / f"{token}.json"
    if not (token.isalnum() and path.is_file()):
        hint = "Plan the migration and use the token of that plan"
        raise Refused(Problem("MIG011", "token", "no plan in this workspace has this token", hint))
    data = json.loads(path.read_text(encoding="utf-8"))
    return Material(
        data["identity"],
        data["database"],
        tuple(data["current"]),
        tuple((one, digest) for one, digest in data["revisions"]),
    )


def forget(workspace: Workspace, token: str) -> None:
    (_folder(workspace) / f"{token}.json").unlink(missing_ok=True)


def _folder(workspace: Workspace) -> Path:
    folder = workspace.scratch / "plans"
    folder.mkdir(exist_ok=True)
    return folder


def _names(revisions: tuple[str, ...]) -> str:
    return ", ".join(revisions) or "base"
