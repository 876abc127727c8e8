"""What one request hands to a service: its database session and its caller."""

from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Forbidden

SessionT_co = TypeVar("SessionT_co", bound=AsyncSession, covariant=True)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling. `id` stays inside the process."""

    id: int
    public_id: UUID
    is_superuser: bool


ANONYMOUS = Caller(id=0, public_id=UUID(int=0), is_superuser=False)
"""The caller of a public route. No row has owner 0, so nothing that is owned is reachable."""


@dataclass(frozen=True, slots=True)
class Unit(Generic[SessionT_co]):
    """One unit of work."""

    session: SessionT_co
    caller: Caller

    @property
    def scope(self) -> int | None:
        """The owner that a row must have to be within the caller's reach; None reaches all, for superusers."""
        return None if self.caller.is_superuser else self.caller.id

    def require_owner(self, owner_public_id: UUID) -> None:
        """Raise Forbidden unless the caller owns the row or is a superuser."""
        if owner_public_id != self.caller.public_id and not self.caller.is_superuser:
            raise Forbidden("only the owner may do this")
