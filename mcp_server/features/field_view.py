"""One field as the templates see it: its lines in the model, the schemas and the record."""

from dataclasses import dataclass

from mcp_server.features import code
from mcp_server.features.naming import Names
from mcp_server.features.samples import FieldSamples
from mcp_server.features.spec import FeatureSpec, FieldSpec
from mcp_server.schema.table import ForeignKey, Table


@dataclass(frozen=True, slots=True)
class Target:
    """The feature behind a reference."""

    names: Names
    private: bool
    """Whether its rows are only within the reach of their owner."""
    itself: bool

    @property
    def model_class(self) -> str:
        return self.names.model_class

    @property
    def repository_class(self) -> str:
        return self.names.schema("Repository")


@dataclass(frozen=True)
class FieldView:
    """One field, as source text."""

    feature: FeatureSpec
    spec: FieldSpec
    table: Table
    target: Target | None
    alias: str
    samples: FieldSamples

    @property
    def attribute(self) -> str:
        return self.spec.attribute

    @property
    def body_attribute(self) -> str:
        return self.spec.schema_attribute

    @property
    def json_name(self) -> str:
        return self.spec.json_name

    @property
    def body_definition(self) -> str:
        return code.body_type(self.feature, self.spec)

    @property
    def has_alias(self) -> bool:
        return "Annotated" in self.body_definition

    @property
    def body_type(self) -> str:
        return self.alias if self.has_alias else self.body_definition

    @property
    def record_type(self) -> str:
        return code.optional(code.plain_type(self.feature, self.spec), self.spec.nullable)

    @property
    def mapped_line(self) -> str:
        return f"{self.attribute}: Mapped[{self._mapped_type()}]{self._column_call()}"

    def _mapped_type(self) -> str:
        plain = {"ref": "int", "one": "int", "json": "Any"}.get(self.spec.type.name)
        return code.optional(plain or code.plain_type(self.feature, self.spec), self.spec.nullable)

    def _column_call(self) -> str:
        parts: list[str] = []
        if self.attribute != self.spec.column:
            parts.append(code.literal(self.spec.column))
        if column_type := code.column_type(self.feature, self.spec):
            parts.append(column_type)
        column = next(each for each in self.table.columns if each.name == self.spec.column)
        if column.foreign_key:
            parts.append(foreign_key(self.table, column.name, column.foreign_key))
        if self.attribute != self.spec.column:
            parts.append(f"key={code.literal(self.attribute)}")
        if any(
            unique.columns == (column.name,) and usual_name(unique.name, "uq", self.table, column.name)
            for unique in self.table.uniques
        ):
            parts.append("unique=True")
        elif any(
            index.columns == (column.name,) and usual_name(index.name, "ix", self.table, column.name)
            for index in self.table.indexes
        ):
            parts.append("index=True")
        if self.spec.default is not None:
            parts.append(self._model_default())
        return f" = mapped_column({', '.join(parts)})" if parts else ""

    def _model_default(self) -> str:
        option = code.default_options(self.feature, self.spec)
        return option.replace("default_factory=", "default=")  # SQLAlchemy calls a default that can be called

    @property
    def initial(self) -> str:
        """The value of a new row where no body sets it, as source."""
        if self.spec.default is None:
            return "None"
        if self.spec.type.name in ("json", "list"):
            return str(self.spec.default)
        option = code.default_options(self.feature, self.spec)
        factory = option.removeprefix("default_factory=")
        return option.removeprefix("default=") if factory == option else f"{factory}()"

    @property
    def create_line(self) -> str:
        return f"{self.body_attribute}: {code.optional(self.body_type, self.spec.nullable)}{self._create_default()}"

    def _create_default(self) -> str:
        options: list[str] = []
        simple = ""
        if self.spec.default is not None:
            option = code.default_options(self.feature, self.spec)
            options.append(option)
            simple = option.removeprefix("default=") if option.startswith("default=") else ""
        elif self.spec.is_links:
            options.append("default_factory=list")
        elif self.spec.nullable:
            options.append("default=None")
            simple = "None"
        extra = self._presentation()
        if not extra:
            return f" = {simple}" if simple else (f" = Field({options[0]})" if options else "")
        return f" = Field({', '.join((*options, *extra))})"

    @property
    def update_line(self) -> str:
        extra = ", ".join(self._presentation())
        return f"{self.body_attribute}: {code.optional(self.body_type, self.spec.nullable)} = unset({extra})"

    @property
    def read_line(self) -> str:
        kind = code.optional(code.answer_type(self.feature, self.spec), self.spec.nullable)
        extra = ", ".join(self._presentation())
        return f"{self.body_attribute}: {kind}{f' = Field({extra})' if extra else ''}"

    def _presentation(self) -> list[str]:
        parts = []
        if self.body_attribute != self.json_name:
            parts.append(f"alias={code.literal(self.json_name)}")
        if self.spec.description:
            parts.append(f"description={code.literal(self.spec.description)}")
        if self.spec.secret:
            parts.append('json_schema_extra={"writeOnly": True}')
        return parts


def foreign_key(table: Table, column: str, key: ForeignKey) -> str:
    """The foreign key of a column as source; named where the naming convention would call it otherwise."""
    named = "" if usual_name(key.name, "fk", table, column) else f", name={code.literal(key.name)}"
    return f'ForeignKey("{key.table}.{key.column}", ondelete="{key.on_delete}"{named})'


def usual_name(name: str, kind: str, table: Table, *columns: str) -> bool:
    """Whether a constraint has the name that the naming convention of the models gives it."""
    return name == "_".join((kind, table.name, *columns))
