"""The workspace: its root, what lies inside it and nothing outside it."""

import os
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mcp_server.workspace import git
from mcp_server.workspace.config import KitConfig, load_config
from mcp_server.workspace.errors import InvalidInput, Problem
from mcp_server.workspace.files import read_unlinked
from mcp_server.workspace.globs import find, matcher
from mcp_server.workspace.layout import Layout
from mcp_server.workspace.listing import list_files


@dataclass(frozen=True)
class Workspace:
    """One checkout: `root` (absolute, links resolved) and its settings."""

    root: Path
    config: KitConfig

    @classmethod
    def open(cls, start: Path | None = None) -> "Workspace":
        """The workspace around `start` (default: the current directory); `KIT_ROOT` in the environment wins.

        Raises InvalidInput WS001 where there is none, WS003 where its settings are unusable.
        """
        given = os.environ.get("KIT_ROOT")
        origin = Path(given or start or Path.cwd()).absolute().resolve()
        for candidate in (origin,) if given else (origin, *origin.parents):
            pyproject = candidate / "pyproject.toml"
            config = load_config(pyproject) if pyproject.is_file() else None
            if config is not None:
                workspace = cls(candidate, config)
                _ = workspace.layout  # an unusable layout is reported here, not by the first generator
                return workspace
        place = f"KIT_ROOT={given}" if given else str(origin)
        reason = "no pyproject.toml with [tool.fastapi-agent-kit] here" + (
            "" if given else " or in a parent directory"
        )
        raise InvalidInput(
            Problem("WS001", place, reason, "Start in a workspace of the kit, or set KIT_ROOT to one")
        )

    @cached_property
    def layout(self) -> Layout:
        """Where the files of a feature live."""
        return Layout.from_config(self.config)

    @cached_property
    def _real_root(self) -> str:
        return os.path.realpath(self.root)

    @property
    def scratch(self) -> Path:
        """A directory for working files of this checkout, created on first use and never committed."""
        path = self.root / ".kit" / "scratch"
        if not path.is_dir():
            path.mkdir(parents=True, exist_ok=True)
            (path / ".gitignore").write_text("*\n", encoding="utf-8")
        return path

    @cached_property
    def python(self) -> Path:
        """The interpreter of the workspace: its own `.venv`, that of the main checkout for a git worktree, or ours."""
        roots = [self.root]
        top, common = git.toplevel(self.root), git.facts(self.root).common_dir
        if top is not None and common is not None:
            roots.append(common.parent / self.root.relative_to(top))
        candidates = (
            root / ".venv" / part for root in roots for part in ("bin/python", "Scripts/python.exe")
        )
        return next((each for each in candidates if each.exists()), Path(sys.executable))

    def confine(self, relative: str) -> Path:
        """The absolute path of `relative`. Raises InvalidInput WS002 if it leads, or links, out of the root."""
        return Path(self._place(relative))

    def _place(self, relative: str) -> str:
        """The same as text: a `Path` costs more than all the rest."""
        parts = [part for part in relative.split("/") if part not in {"", "."}]
        if not parts or "\0" in relative:
            raise _outside(relative, "is not the path of a file")
        if relative.startswith("/") or "\\" in relative or relative[1:2] == ":":
            raise _outside(relative, "is not a relative path with slashes")
        if ".." in parts:
            raise _outside(relative, "climbs with '..'")
        target = "/".join((self._real_root, *parts))
        if _meets_link(self._real_root, parts):
            self._require_inside(relative, target)
        return "/".join((str(self.root), *parts))

    def _require_inside(self, relative: str, target: str) -> None:
        try:
            real = os.path.realpath(target)
            with suppress(FileNotFoundError, NotADirectoryError):
                os.stat(target)  # noqa: PTH116  # realpath accepts a link that leads to itself
        except (OSError, RuntimeError) as error:
            raise _outside(
                relative, "is a link that leads to itself, or a path that cannot be read"
            ) from error
        if real != self._real_root and not real.startswith(os.path.join(self._real_root, "")):  # noqa: PTH118
            raise _outside(relative, "is a link that leads out of the workspace")

    def read(self, path: str) -> bytes | None:
        """Content of a file, or None when there is none. Raises InvalidInput WS002 for a path outside the root."""
        try:
            with open(self._place(path), "rb") as file:  # noqa: PTH123
                return file.read()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def text(self, path: str) -> str:
        """Content of a UTF-8 file. Raises InvalidInput WS004 when it is missing, WS005 when it is not UTF-8."""
        data = self.read(path)
        if data is None:
            raise InvalidInput(Problem("WS004", path, "there is no such file", "Check the path"))
        return decoded(path, data)

    def path_of(self, module: str) -> str:
        """The file that a module is imported from: `__init__.py` where it is a package."""
        stem = module.replace(".", "/")
        package = f"{stem}/__init__.py"
        return f"{stem}.py" if self.read(package) is None else package

    def files(self, *globs: str) -> list[str]:
        """Sorted relative POSIX paths of the files git tracks or would track, limited to the given patterns."""
        matches = matcher(globs)
        return [path for path in list_files(self.root) if matches(path)]

    def source_files(self, *globs: str) -> list[str]:
        """The same for folders of source, whatever git thinks of them: what is there is imported. No process is started."""
        return sorted({path for glob in globs for path in find(str(self.root), glob)})

    def texts(self, *globs: str) -> dict[str, str]:
        """Path to content of those files. Raises InvalidInput WS002 for a folder or link that leads out, WS005 as `text`."""
        found = self.source_files(*globs)
        for folder in {path.rpartition("/")[0] or "." for path in found}:
            self.confine(folder)
        return {path: self._text_inside(path) for path in found}

    def _text_inside(self, path: str) -> str:
        """The text of a file in a folder that is known to be inside: asking again for each of hundreds takes long."""
        try:
            return read_unlinked(f"{self.root}/{path}").decode()
        except (OSError, UnicodeDecodeError):
            return self.text(path)  # a link, or it says what is wrong


def _meets_link(place: str, parts: Iterable[str]) -> bool:
    """Whether a link is on the way down from `place`. Without one a path leads where it says; that costs less to find out."""
    for part in parts:
        place = f"{place}/{part}"
        try:
            status = os.lstat(place)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True  # whoever follows it says what is wrong
        if stat.S_ISLNK(status.st_mode):
            return True
    return False


def decoded(path: str, data: bytes) -> str:
    """The text of a file with this content. Raises InvalidInput WS005 when it is not UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(Problem("WS005", path, f"not UTF-8: {error}", "Save the file as UTF-8")) from error


def _outside(relative: str, reason: str) -> InvalidInput:
    hint = "Name a file inside the workspace, relative to its root, such as app/models/user.py"
    return InvalidInput(Problem("WS002", relative or "(empty)", reason, hint))
