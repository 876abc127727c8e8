"""A `many` field as the templates see it: a table of links."""

from dataclasses import dataclass

from mcp_server.features import code
from mcp_server.features.field_view import FieldView, Target, foreign_key, usual_name
from mcp_server.features.imports import IMPORTABLE
from mcp_server.schema.table import Column, Table


@dataclass(frozen=True)
class LinkView:
    field: FieldView
    table: Table
    target: Target

    @property
    def variable(self) -> str:
        """The Python name of the table in the model's module."""
        return f"{self.table.name}_" if self.table.name in IMPORTABLE else self.table.name

    @property
    def attribute(self) -> str:
        return self.field.body_attribute

    @property
    def parameter(self) -> str:
        """The query parameter of a list that is filtered by a link."""
        return f"{self.field.spec.name}_public_id"

    @property
    def declaration(self) -> str:
        """What a repository says about the links."""
        source, target = self.table.columns
        columns = f"{self.variable}.c.{source.name}, {self.variable}.c.{target.name}"
        return f"Links({code.literal(self.attribute)}, {columns}, {self.target.model_class})"

    @property
    def lines(self) -> tuple[str, ...]:
        """The columns and the index of the table, as source."""
        (index,) = self.table.indexes
        source, target = self.table.columns
        if usual_name(index.name, "ix", self.table, *index.columns):
            return self._column(source), self._column(target, ", index=True")
        named = f"Index({code.literal(index.name)}, {code.literal(target.name)})"
        return self._column(source), self._column(target), named

    def _column(self, column: Column, more: str = "") -> str:
        parts = [code.literal(column.name)]
        if column.foreign_key:
            parts.append(foreign_key(self.table, column.name, column.foreign_key))
        return f"Column({', '.join(parts)}, primary_key=True{more})"
