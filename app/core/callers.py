"""The callers seen lately, so that most requests need no query to know who is calling."""

from time import monotonic
from uuid import UUID

from app.core.context import Caller
from app.core.tokens import Token

MOST = 10_000
"""Callers kept per process, one for each login session; beyond it the cache starts anew."""


class CallerCache:
    """Keeps the callers of login sessions for a few seconds, per process.

    Whose session has ended, who is disabled, demoted or deleted is forgotten at once where it happened, and within
    `seconds` by the other processes; so a token that was logged out elsewhere opens doors that long, and a superuser who
    was demoted reaches other people's rows. Tokens are verified on every request all the same, and routes for superusers
    always load the caller.
    """

    def __init__(self, seconds: float) -> None:
        """`seconds` a caller is kept; 0 keeps nobody."""
        self._seconds = seconds
        self._known: dict[UUID, dict[UUID, tuple[float, Caller]]] = {}  # by user and login session
        self._kept = 0
        self.generation = 0
        """Counts what was forgotten: who was loaded in an earlier generation may be out of date already."""

    def get(self, token: Token) -> Caller | None:
        kept = self._known.get(token.subject, {}).get(token.session)
        return kept[1] if kept and kept[0] > monotonic() else None

    def keep(self, token: Token, caller: Caller, generation: int) -> None:
        """Remember the caller behind a token who was loaded in `generation`."""
        if self._seconds and generation == self.generation:
            if self._kept >= MOST:
                self._known.clear()
                self._kept = 0
            sessions = self._known.setdefault(token.subject, {})
            self._kept += token.session not in sessions
            sessions[token.session] = (monotonic() + self._seconds, caller)

    def forget(self, public_id: UUID) -> None:
        """Forget a user in all login sessions, after the commit: before it, a request could load the old state again."""
        self.generation += 1
        self._kept -= len(self._known.pop(public_id, ()))
