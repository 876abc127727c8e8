"""A workspace that turns into one migration project after another, with the alembic environment of this repository."""

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace

REPOSITORY = Path(__file__).parents[3]
PROJECTS = REPOSITORY / "tests" / "mcp_server" / "data" / "migrations"

PYPROJECT = '[tool.fastapi-agent-kit]\nlayout = "layered"\n'
CONFIG = """
import os
from functools import lru_cache
from types import SimpleNamespace


@lru_cache
def get_settings() -> SimpleNamespace:
    return SimpleNamespace(
        database_url=os.environ.get("DATABASE_URL", {url!r}),
        environment={environment!r},
    )
"""
MODELS = """
from app.models.tables import Base


def load_models():
    return Base.metadata
"""


@dataclass
class Lab:
    """One workspace directory. The child forks anew for each call, so it always sees the current project."""

    workspace: Workspace
    child: WarmChild

    @property
    def database(self) -> Path:
        return self.workspace.root / "app.db"

    def load(self, *projects: str, url: str | None = None, environment: str = "development") -> None:
        """Start over with the files of these projects, the later ones on top; no database file is left."""
        root = self.workspace.root
        for leftover in root.glob("app.db*"):
            leftover.unlink()
        for folder in ("app", "alembic", ".kit"):
            shutil.rmtree(root / folder, ignore_errors=True)
        (root / "app" / "models").mkdir(parents=True)
        (root / "app" / "core").mkdir()
        (root / "alembic" / "versions").mkdir(parents=True)
        for name in ("app/__init__.py", "app/core/__init__.py"):
            (root / name).touch()
        (root / "app/models/__init__.py").write_text(MODELS)
        address = url or f"sqlite+aiosqlite:///{self.database}"
        (root / "app/core/config.py").write_text(CONFIG.format(url=address, environment=environment))
        shutil.copy(REPOSITORY / "alembic.ini", root)
        shutil.copy(REPOSITORY / "app/core/sqlite_batch.py", root / "app/core")
        for name in ("env.py", "script.py.mako"):
            shutil.copy(REPOSITORY / "alembic" / name, root / "alembic")
        for project in ("sound", *projects):
            source = PROJECTS / project
            if (source / "models.py").exists():
                shutil.copy(source / "models.py", root / "app/models/tables.py")
            shutil.copytree(source / "versions", root / "alembic/versions", dirs_exist_ok=True)

    def load_revisions(self, project: str) -> None:
        """Add the revision files of a project and keep everything else, the database too."""
        target = self.workspace.root / "alembic/versions"
        shutil.copytree(PROJECTS / project / "versions", target, dirs_exist_ok=True)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text that must occur exactly once."""
        file = self.workspace.root / path
        text = file.read_text()
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {path}"
        file.write_text(text.replace(old, new))

    def edit_models(self, old: str, new: str) -> None:
        self.edit("app/models/tables.py", old, new)

    def query(self, sql: str) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(self.database)
        try:
            rows = connection.execute(sql).fetchall()
            connection.commit()
        finally:
            connection.close()
        return rows


def make(root: Path) -> Lab:
    root.mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").write_text(PYPROJECT)
    workspace = Workspace.open(root)
    return Lab(workspace, WarmChild(workspace))
