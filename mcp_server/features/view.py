"""What the templates see: a feature with every line of source that depends on types already written."""

import builtins
from dataclasses import dataclass

from mcp_server.features import code
from mcp_server.features.constraint_lines import constraint_lines, directed_index_lines
from mcp_server.features.field_view import FieldView, Target
from mcp_server.features.filters import Filter, filters_of
from mcp_server.features.imports import IMPORTABLE
from mcp_server.features.inflection import with_article
from mcp_server.features.link_view import LinkView
from mcp_server.features.naming import Names, class_name, member_names
from mcp_server.features.nested_view import NestedView, Shape, shapes
from mcp_server.features.operations_view import OperationsView
from mcp_server.schema.table import Table

_LOCALS = frozenset({
    "anonymous", "app", "beyond", "body", "caller", "changed", "changes", "client", "created", "cursors", "database", "down",
    "dt", "error", "every", "field", "first", "good", "here", "index", "item", "items", "keys", "literal", "location", "log", "made",
    "method", "mine", "name", "new", "nothing", "number", "numbers", "other", "page", "path", "public_id", "public_ids",
    "pytest", "query", "request", "response", "responses", "router", "row", "rows", "same", "second", "self", "session", "shown", "sign",
    "sort", "status", "stranger", "structlog", "there", "unit", "up", "uuid", "value", "values", "wanted", "wildcard",
})  # fmt: skip
"""Names that generated functions use for something else."""


@dataclass(frozen=True)
class FeatureView(OperationsView):
    names: Names
    table: Table
    fields: tuple[FieldView, ...]
    nested: tuple[NestedView, ...]
    links: tuple[LinkView, ...]

    @property
    def columns(self) -> tuple[FieldView, ...]:
        return tuple(field for field in self.fields if not field.spec.is_links)

    @property
    def relations(self) -> bool:
        """Whether bodies name other rows."""
        return bool(self.references or self.links)

    @property
    def names_rows(self) -> bool:
        """Whether an operation takes a body that names other rows."""
        return self.relations and self.takes_bodies

    @property
    def key_type(self) -> str:
        """What stands behind the public ids of a body: one key each, or a list of them."""
        return "Any" if self.links else "int | None"

    @property
    def written(self) -> tuple[FieldView, ...]:
        """What bodies hold."""
        return tuple(field for field in self.fields if not field.spec.readonly)

    @property
    def shown(self) -> tuple[FieldView, ...]:
        """What records and responses hold."""
        return tuple(field for field in self.fields if not field.spec.secret)

    @property
    def stored(self) -> tuple[FieldView, ...]:
        """Columns that are read."""
        return tuple(field for field in self.shown if field in self.columns)

    @property
    def aliased(self) -> tuple[FieldView, ...]:
        """Fields whose bounded type has a name, because bodies or filters use it."""
        return tuple(
            field
            for field in self.fields
            if field.has_alias
            and (
                (self.takes_bodies and field in self.written)
                or (self.has("list") and any(filter_.type == field.alias for filter_ in self.filters))
            )
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(field.body_attribute for field in self.fields if field.spec.secret)

    @property
    def given(self) -> tuple[tuple[str, str], ...]:
        """What the service itself puts into a new row: the readonly fields and their values, as source."""
        return tuple((field.body_attribute, field.initial) for field in self.fields if field.spec.readonly)

    @property
    def completes_rows(self) -> bool:
        """Whether a new row holds more than its body."""
        return bool(self.relations or self.owned or self.given)

    @property
    def completed(self) -> str:
        """The values of a new row, as source."""
        owner = (("owner_public_id", "caller.public_id"),) if self.owned else ()
        more = ", ".join(f"{code.literal(name)}: {value}" for name, value in (*self.given, *owner))
        return f"{{**values, {more}}}" if more else "values"

    @property
    def completed_keys(self) -> str:
        if not self.owned:
            return "keys" if self.relations else "{}"
        return f'{{{"**keys, " if self.relations else ""}"owner_id": caller.id}}'

    @property
    def nested_creates(self) -> tuple[NestedView, ...]:
        return tuple(nested for nested in self.nested if nested.has("create"))

    @property
    def whole_body(self) -> Shape:
        """The schema of all that a row is made of."""
        purposes = ["create one"] * (self.creates or not self.takes_whole_bodies)
        purposes += ["replace one"] * self.has("replace")
        first = purposes[0].replace("one", self.a_title)
        purpose = ", or to ".join([first, *purposes[1:]])
        return Shape(self.cls("Create"), "Schema", f"What it takes to {purpose}.", self.written)

    @property
    def bodies(self) -> tuple[Shape, ...]:
        """The schemas of a creation or replacement; the usual one is the last that everything needs."""
        if not self.takes_whole_bodies:
            return ()
        purpose = f"What it takes to create {self.a_title}"
        own = [
            (nested, Shape(nested.body, "Schema", f"{purpose} of a given {nested.title}.", ()))
            for nested in self.nested_creates
        ]
        common = f"{purpose}, besides the rows it refers to."
        return tuple(shapes(self.whole_body, own, (self.cls("Fields"), common)))

    @property
    def queries(self) -> tuple[Shape, ...]:
        """The schemas of a list's query."""
        purpose = f"Which {self.names.plural_title}"
        filtered = tuple(field for field in self.fields if field.spec.name in self.spec.filters)
        plain = Shape(self.cls("Query"), self.list_query, f"{purpose} to list, and in what order.", filtered)
        own = [
            (nested, Shape(nested.query, self.list_query, f"{purpose} of one {nested.title} to list, and in what order.", ()))
            for nested in self.nested
            if nested.has("list") and nested.filtered
        ]  # fmt: skip
        common = f"What every list of {self.names.plural_title} can be asked for."
        return tuple(shapes(plain, own, (self.cls("Filters"), common)))

    @property
    def references(self) -> tuple[FieldView, ...]:
        return tuple(field for field in self.fields if field.spec.is_reference)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The features referred to, each once; not the feature itself."""
        found = {field.target.names.feature: field.target for field in self.fields if field.target}
        return tuple(target for target in found.values() if not target.itself)

    @property
    def asked(self) -> tuple[Target, ...]:
        """Those among which the service looks up rows."""
        above = {nested.target.names.feature for nested in self.nested}
        return tuple(each for each in self.targets if self.names_rows or each.names.feature in above)

    @property
    def enums(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """Enum classes of the model module, each with its members and their labels as literals."""
        shared = [(class_name(enum.name), enum.values) for enum in self.spec.enums]
        own = [
            (code.enum_name(self.spec, field.spec), field.spec.type.values)
            for field in self.fields
            if field.spec.type.name == "enum" and field.spec.type.target is None
        ]
        return tuple(
            (name, tuple(zip(member_names(values), map(code.literal, values), strict=True)))
            for name, values in (*shared, *own)
        )

    @property
    def model(self) -> str:
        return self.names.model_class

    @property
    def rows(self) -> str:
        """The service's attribute that holds the repository."""
        return self.names.called.get("rows", self.names.plural)

    @property
    def one(self) -> str:
        """A local variable that holds one row."""
        name = self.names.feature
        taken = name in _LOCALS or name in IMPORTABLE or hasattr(builtins, name)
        return f"{name}_" if taken else name

    def target_rows(self, target: Target) -> str:
        return self.rows if target.itself else target.names.plural

    @property
    def a_title(self) -> str:
        return with_article(self.names.title)

    def cls(self, kind: str) -> str:
        return self.names.schema(kind)

    @property
    def owner_is_indexed(self) -> bool:
        """Whether the owner has an index of its own, rather than the first place in others."""
        return any(index.columns == ("owner_id",) for index in self.table.indexes)

    @property
    def constraints(self) -> tuple[str, ...]:
        """The table's constraints and indexes that no column can declare, as source."""
        return tuple(constraint_lines(self.table, self._attributes))

    @property
    def directed_indexes(self) -> tuple[str, ...]:
        """Indexes with a direction, which are declared after the class because they need its columns."""
        return tuple(directed_index_lines(self.table, self._attributes, self.model))

    @property
    def _attributes(self) -> dict[str, str]:
        return {field.spec.column: field.attribute for field in self.fields}

    @property
    def filters(self) -> tuple[Filter, ...]:
        by_name = {field.spec.name: field for field in self.fields}
        named = (by_name[name] for name in self.spec.filters)
        return tuple(filter_ for field in named for filter_ in filters_of(field, self.model, self.links))

    def filter_line(self, filter_: Filter) -> str:
        extra = "" if filter_.attribute == filter_.name else f"alias={code.literal(filter_.name)}"
        return f"{filter_.attribute}: {filter_.type} = unset({extra})"

    @property
    def sort_names(self) -> tuple[str, ...]:
        return tuple(sign + name for name in self.spec.sortable for sign in ("", "-"))

    def sort_attribute(self, name: str) -> str:
        field = self.spec.field(name)
        return field.attribute if field else name

    @property
    def search_columns(self) -> tuple[str, ...]:
        fields = (self.spec.field(name) for name in self.spec.search)
        return tuple(f"{self.model}.{field.attribute}" for field in fields if field)

    @property
    def unique_groups(self) -> tuple[tuple[FieldView, ...], ...]:
        """The fields of each unique rule that two bodies of one owner can break, without the owner; each group once."""
        by_column = {field.spec.column: field for field in self.fields}
        groups = dict.fromkeys(
            tuple(by_column[name] for name in unique.columns if name in by_column)
            for unique in self.table.uniques
        )
        return tuple(group for group in groups if group and all(field in self.written for field in group))

    @property
    def description_text(self) -> str:
        """The description as the inside of a docstring; it holds no triple quotes."""
        text = (self.spec.description.strip() or f"{self.a_title.capitalize()}.").replace("\\", "\\\\")
        return f'{text[:-1]}\\"' if text.endswith('"') else text
