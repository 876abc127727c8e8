"""What the board shows of a PRP. Structural, so that this room needs to know no other."""

from collections.abc import Sequence
from typing import Protocol


class Task(Protocol):
    """One task of a PRP."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def phase(self) -> int: ...
    @property
    def owner(self) -> str: ...
    @property
    def depends_on(self) -> Sequence[str]: ...
    @property
    def gates(self) -> Sequence[str]: ...


class Facts(Protocol):
    """One PRP's front matter."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def priority(self) -> str: ...
    @property
    def estimate(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def tasks(self) -> Sequence[Task]: ...


class Listed(Protocol):
    """A PRP and where it is."""

    @property
    def path(self) -> str: ...
    @property
    def facts(self) -> Facts: ...
