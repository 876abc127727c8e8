"""Nested routes as the templates see them, and the schemas that they share with the other routes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mcp_server.features.field_view import FieldView, Target
from mcp_server.features.naming import Names
from mcp_server.features.nested import Nested

READING = ("list", "get")
UNITS = {
    "authenticated": ("Reading", "Writing"),
    "public": ("PublicReading", "PublicWriting"),
    "superuser": ("SuperuserReading", "SuperuserWriting"),
}
CLIENTS = {"authenticated": "client", "public": "anonymous", "superuser": "superuser_client"}


@dataclass(frozen=True)
class NestedView:
    """The routes below the rows that `field` leads to."""

    nested: Nested
    names: Names
    """Those of the feature itself."""
    field: FieldView
    target: Target

    @property
    def path(self) -> str:
        return self.nested.path

    @property
    def name(self) -> str:
        return self.field.spec.name

    @property
    def title(self) -> str:
        return self.name.replace("_", " ")

    @property
    def attribute(self) -> str:
        return self.field.attribute

    @property
    def filtered(self) -> bool:
        """Whether the usual list filters by the reference."""
        return self.name in self.nested.spec.filters

    @property
    def query(self) -> str:
        return self.nested.query_class if self.filtered else self.names.schema("Query")

    @property
    def body(self) -> str:
        return self.nested.body_class

    def has(self, operation: str) -> bool:
        return operation in self.nested.operations

    def operation_id(self, operation: str) -> str:
        return self.nested.operation_id(operation)

    def unit(self, operation: str) -> str:
        return UNITS[self.nested.access_of(operation)][operation not in READING]

    def client(self, operation: str) -> str:
        """The fixture whose caller may do this."""
        return CLIENTS[self.nested.access_of(operation)]

    def hides(self, operation: str) -> bool:
        """Whether another user than the owner of the row above is told that there is none."""
        return self.target.private and self.nested.access_of(operation) == "authenticated"

    def statuses(self, operation: str) -> str:
        """The error statuses that the route declares, as arguments."""
        level = self.nested.access_of(operation)
        found = {404, 422}
        found |= {401} if level != "public" else set()
        found |= {403} if level == "superuser" else set()
        found |= {409} if operation == "create" else set()
        return ", ".join(map(str, sorted(found)))

    def url(self, public_id: str) -> str:
        """The address below a row, as the source of an f-string; `public_id` is an expression."""
        return f'f"{{get_settings().api_prefix}}{self.path.replace("{public_id}", f"{{{public_id}}}")}"'


@dataclass(frozen=True)
class Shape:
    """One of several schemas of one purpose: what it adds to its base."""

    name: str
    base: str
    docstring: str
    fields: tuple[FieldView, ...]


def shapes(plain: Shape, own: Sequence[tuple[NestedView, Shape]], common: tuple[str, str]) -> Iterator[Shape]:
    """The schemas of the plain routes and of the nested ones, so that each line is written once.

    Without nested routes there is the plain schema. With one, the plain schema adds the reference to the nested one. With
    several, all derive from `common` (name and docstring).
    """
    references = [nested.field for nested, _ in own]
    rest = tuple(field for field in plain.fields if field not in references)
    if not own:
        yield plain
        return
    if len(own) == 1:
        base = own[0][1]
        yield Shape(base.name, base.base, base.docstring, rest)
        yield Shape(plain.name, base.name, plain.docstring, (own[0][0].field,))
        return
    name, docstring = common
    yield Shape(name, plain.base, docstring, rest)
    yield Shape(plain.name, name, plain.docstring, tuple(references))
    for nested, shape in own:
        others = tuple(field for field in references if field is not nested.field)
        yield Shape(shape.name, name, shape.docstring, others)
