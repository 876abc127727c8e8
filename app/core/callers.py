"""The callers seen lately, so that most requests need no query to know who is calling."""

from time import monotonic
from uuid import UUID

from app.core.context import Caller

MOST = 10_000
"""Callers kept per process; beyond it the cache starts anew."""


class CallerCache:
    """Keeps callers for a few seconds, per process.

    Who is disabled, demoted or deleted is forgotten at once where it happened, and within `seconds` by the other
    processes; so a superuser who was demoted reaches other people's rows that long. Tokens are verified on every request
    all the same, and routes for superusers always load the caller.
    """

    def __init__(self, seconds: float) -> None:
        """`seconds` a caller is kept; 0 keeps nobody."""
        self._seconds = seconds
        self._known: dict[UUID, tuple[float, Caller]] = {}
        self.generation = 0
        """Counts what was forgotten: who was loaded in an earlier generation may be out of date already."""

    def get(self, public_id: UUID) -> Caller | None:
        kept = self._known.get(public_id)
        return kept[1] if kept and kept[0] > monotonic() else None

    def keep(self, caller: Caller, generation: int) -> None:
        """Remember a caller who was loaded in `generation`."""
        if self._seconds and generation == self.generation:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[caller.public_id] = (monotonic() + self._seconds, caller)

    def forget(self, public_id: UUID) -> None:
        """To be called after the commit: before it, another request could load the old state again."""
        self.generation += 1
        self._known.pop(public_id, None)
