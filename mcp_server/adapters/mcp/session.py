"""What lives as long as the server: the workspace it works on and the warm process beside it."""

from mcp_server.operations.context import Context, Progress
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace


class Session:
    """Opens the workspace around the current directory. Raises InvalidInput where there is none."""

    def __init__(self) -> None:
        self._workspace = Workspace.open()
        self._settings = self._settings_state()
        self.child = WarmChild(self._workspace)

    def workspace(self) -> Workspace:
        """The workspace with the settings it has now. Raises InvalidInput when they have become unusable."""
        state = self._settings_state()
        if state != self._settings:
            self._workspace, self._settings = Workspace.open(self._workspace.root), state
        return self._workspace

    def context(self, progress: Progress) -> Context:
        return Context(self.workspace(), self.child, progress)

    def _settings_state(self) -> tuple[int, int, int] | None:
        try:
            status = (self._workspace.root / "pyproject.toml").stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
