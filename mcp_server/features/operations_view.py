"""What follows from the operations of a feature: who may do them, on which rows, and what code they need."""

from dataclasses import dataclass

from mcp_server.features.nested_view import CLIENTS, READING, UNITS
from mcp_server.features.spec import FeatureSpec


@dataclass(frozen=True)
class OperationsView:
    spec: FeatureSpec

    @property
    def changes_rows(self) -> bool:
        return any(map(self.has, ("replace", "update", "delete")))

    @property
    def owned(self) -> bool:
        return self.spec.owner is not None

    @property
    def by_cursor(self) -> bool:
        return self.has("list") and self.spec.pagination == "cursor"

    @property
    def page(self) -> str:
        """The class of a page of records."""
        return "CursorPage" if self.by_cursor else "Page"

    @property
    def list_query(self) -> str:
        """The base of a list's query."""
        return "CursorQuery" if self.by_cursor else "ListQuery"

    def has(self, operation: str) -> bool:
        return operation in self.spec.operations

    def unit(self, operation: str) -> str:
        return UNITS[self.spec.access_of(operation)][operation not in READING]

    def client(self, operation: str) -> str:
        """The fixture whose caller may do this."""
        return CLIENTS[self.spec.access_of(operation)]

    def statuses(self, operation: str) -> str:
        """The error statuses that a route declares, as arguments."""
        level = self.spec.access_of(operation)
        found: set[int] = {422}
        if level != "public":
            found.add(401)
        if level == "superuser" or (self.rows_are_readable and operation in ("replace", "update", "delete")):
            found.add(403)
        if operation not in ("list", "create", "bulk_create"):
            found.add(404)
        if operation not in READING:
            found.add(409)
        return ", ".join(map(str, sorted(found)))

    @property
    def rows_are_readable(self) -> bool:
        """Whether a caller may read rows of other owners."""
        return self.owned and self.spec.access_of("get") == "public"

    def scoped(self, operation: str) -> bool:
        """Whether the operation stays within the rows of the caller."""
        return self.owned and self.spec.access_of(operation) != "public"

    @property
    def changes_scoped(self) -> bool:
        """Whether a change looks only among the caller's rows; otherwise it looks at all and asks for the owner."""
        return self.owned and not self.rows_are_readable

    @property
    def creates(self) -> bool:
        return self.has("create") or self.has("bulk_create")

    @property
    def takes_whole_bodies(self) -> bool:
        return self.creates or self.has("replace")

    @property
    def takes_bodies(self) -> bool:
        return self.takes_whole_bodies or self.has("update")

    @property
    def answers_rows(self) -> bool:
        return any(map(self.has, ("list", "get", "create", "replace", "update")))

    @property
    def writes(self) -> bool:
        return self.creates or self.changes_rows
