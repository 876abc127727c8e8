"""What can go wrong in the domain. `app.api.errors` turns each into a response; services never see HTTP."""


class DomainError(Exception):
    """Base of the expected failures. `detail` is safe to show to the caller."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotFound(DomainError):
    """The row does not exist, or the caller may not know that it does."""

    def __init__(self, what: str) -> None:
        super().__init__(f"no such {what}")


class Conflict(DomainError):
    """The change contradicts what is stored."""


class Forbidden(DomainError):
    """The caller may see the row, but not do this to it."""


class Unauthenticated(DomainError):
    """Who is calling is not known."""


class Invalid(DomainError):
    """A value in the request cannot be used. `location` leads to it, for example ("body", "category_public_id")."""

    def __init__(self, detail: str, *location: str | int) -> None:
        super().__init__(detail)
        self.location = location


class RateLimited(DomainError):
    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("too many requests")
        self.retry_after_seconds = retry_after_seconds


class Busy(DomainError):
    """The service cannot take this on right now."""

    def __init__(self, retry_after_seconds: int = 1) -> None:
        super().__init__("the service is busy")
        self.retry_after_seconds = retry_after_seconds
