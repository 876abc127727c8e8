"""What a feature is: the whole feature language as frozen values.

A spec is read once (`load`, `shorthand`), judged once (`validate`) and then only looked at. Nothing here can
fail, so a spec that breaks the rules can be built, shown and explained.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from mcp_server.features.inflection import pluralise
from mcp_server.features.naming import Names, attribute_name

Number = int | float | Decimal
Default = str | int | float | bool | Decimal | None
"""int, float, bool and Decimal for those types; otherwise text in canonical form (ISO 8601 dates, datetimes in UTC,
lower-case UUIDs, base64 bytes, `{}` or `[]` for json). `now` and `today` stand for the moment of creation."""

DeleteRule = Literal["cascade", "restrict", "set_null"]

TEXT_TYPES: Final = ("string", "text", "email", "url")
NUMBER_TYPES: Final = ("int", "bigint", "float", "decimal")
TIME_TYPES: Final = ("date", "datetime", "time")
SCALAR_TYPES: Final = (*TEXT_TYPES, *NUMBER_TYPES, "bool", *TIME_TYPES, "uuid", "json", "bytes", "enum")
RELATION_TYPES: Final = ("ref", "one", "many")
ITEM_TYPES: Final = tuple(name for name in SCALAR_TYPES if name not in ("json", "bytes"))
"""What a `list` may hold."""
TYPES: Final = (*SCALAR_TYPES, *RELATION_TYPES, "list")
UNREADABLE: Final = "unreadable"
"""Type of a field whose text could not be read: it keeps its place among the fields, and has no other meaning."""

OPERATIONS: Final = ("list", "get", "create", "replace", "update", "delete", "bulk_create")
WRITING_OPERATIONS: Final = ("create", "replace", "update", "delete", "bulk_create")
ACCESS_LEVELS: Final = ("authenticated", "public", "superuser")
PAGINATIONS: Final = ("offset", "cursor")
DELETE_RULES: Final = ("cascade", "restrict", "set_null")

STRING_LENGTH: Final = 255
"""Longest `string` in characters when the spec gives no maximum."""
TEXT_LENGTH: Final = 10_000
"""Longest `text` in characters that the API accepts; also the upper limit of `string(..n)`."""
EMAIL_LENGTH: Final = 254
"""RFC 5321 leaves 254 octets for an address inside a path."""
URL_LENGTH: Final = 2048
BYTES_LENGTH: Final = 65_536
"""Longest `bytes` value in bytes (before base64) that the API accepts."""
LABEL_LENGTH: Final = 100
"""Longest enum label in characters; labels are stored, and may be part of an index."""
LIST_LENGTH: Final = 100
"""Most entries of a `list`."""
INT_RANGE: Final = (-(2**31), 2**31 - 1)
BIGINT_RANGE: Final = (-(2**63), 2**63 - 1)
PRECISION_LIMIT: Final = 38


@dataclass(frozen=True, slots=True)
class TypeSpec:
    """The type of a field.

    `min`, `max`: characters of a `string` (max is always set for one). `precision`, `scale`: digits of a `decimal`.
    `values`: the labels of an `enum`, stored and shown as they are. `target`: the feature a `ref`, `one` or `many`
    points at (`self` for its own), or the name of a shared enum. `item`: what a `list` holds.
    """

    name: str
    min: int | None = None
    max: int | None = None
    precision: int | None = None
    scale: int | None = None
    values: tuple[str, ...] = ()
    target: str | None = None
    item: "TypeSpec | None" = None


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field. `default=None` means that there is none; `on_delete=None` means the usual rule (`delete_rule`)."""

    name: str
    type: TypeSpec
    nullable: bool = False
    default: Default = None
    index: bool = False
    unique: bool = False
    ge: Number | None = None
    gt: Number | None = None
    le: Number | None = None
    lt: Number | None = None
    pattern: str | None = None
    on_delete: DeleteRule | None = None
    back_reference: str | None = None
    secret: bool = False
    readonly: bool = False
    description: str = ""

    @property
    def is_reference(self) -> bool:
        """Whether the field is a foreign key column to another row."""
        return self.type.name in ("ref", "one")

    @property
    def is_links(self) -> bool:
        """Whether the field is a table of links to other rows, and no column."""
        return self.type.name == "many"

    @property
    def required(self) -> bool:
        """Whether a create body must name the field."""
        return not self.nullable and self.default is None and not self.is_links

    @property
    def delete_rule(self) -> DeleteRule:
        """What happens to this row when the row it refers to is deleted."""
        return self.on_delete or ("set_null" if self.nullable else "restrict")

    @property
    def column(self) -> str:
        """Name of the database column."""
        return f"{self.name}_id" if self.is_reference else self.name

    @property
    def json_name(self) -> str:
        """Name in JSON bodies and responses."""
        if self.is_reference:
            return f"{self.name}_public_id"
        return f"{self.name}_public_ids" if self.is_links else self.name

    @property
    def attribute(self) -> str:
        """Python name of the column on the model."""
        return attribute_name(self.column)

    @property
    def schema_attribute(self) -> str:
        """Python name of the field on the schemas; its alias is `json_name`."""
        return attribute_name(self.json_name)

    @property
    def relation(self) -> str:
        """Python name of the relationship beside a reference's column."""
        return attribute_name(self.name)


@dataclass(frozen=True, slots=True)
class SharedEnum:
    """An enum that is declared once and used by name: `status:enum(@order_status)`."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """A feature. `indexes` may hold names with a leading minus (descending). `access` holds only the operations
    that differ from `authenticated`, in the order of `OPERATIONS`; ask `access_of`."""

    feature: str
    fields: tuple[FieldSpec, ...]
    plural: str
    description: str = ""
    owner: str | None = None
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    search: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    operations: tuple[str, ...] = OPERATIONS
    pagination: str = "offset"
    soft_delete: bool = False
    access: tuple[tuple[str, str], ...] = ()
    enums: tuple[SharedEnum, ...] = ()

    def __hash__(self) -> int:
        """Of the name alone: a spec is a key of caches, and the hash of all that it holds takes long."""
        return hash(self.feature)

    @classmethod
    def of(
        cls, feature: str, fields: Iterable[FieldSpec], plural: str | None = None, **rest: Any
    ) -> "FeatureSpec":
        """A spec whose plural is derived when it is not given."""
        return cls(feature=feature, fields=tuple(fields), plural=plural or pluralise(feature), **rest)

    @property
    def names(self) -> Names:
        return Names.of(self.feature, self.plural)

    def field(self, name: str) -> FieldSpec | None:
        return next((field for field in self.fields if field.name == name), None)

    def access_of(self, operation: str) -> str:
        """Who may do it. Creating in bulk follows `create`, and replacing follows `update`, unless the spec says otherwise:
        a feature must not be open through its other door."""
        access = dict(self.access)
        single = {"bulk_create": "create", "replace": "update"}.get(operation, operation)
        return access.get(operation) or access.get(single, "authenticated")

    @property
    def columns(self) -> tuple[FieldSpec, ...]:
        """The fields that are columns of the table."""
        return tuple(field for field in self.fields if not field.is_links)

    def target_of(self, field: FieldSpec) -> str:
        """Feature that a reference points at, with `self` resolved."""
        return self.feature if field.type.target in (None, "self") else str(field.type.target)

    @property
    def sortable(self) -> tuple[str, ...]:
        """Names that `sort=` accepts; newest first is the default order, so `created_at` is always among them."""
        return ("created_at", *(name for name in self.sort if name != "created_at"))

    def to_document(self) -> dict[str, Any]:
        """The canonical document: `load.load_spec` reads it back to an equal spec. Defaults are left out."""
        from mcp_server.features.shorthand import format_field

        document: dict[str, Any] = {"feature": self.feature, "plural": self.plural}
        if self.description:
            document["description"] = self.description
        if self.owner is not None:
            document["owner"] = self.owner
        if self.enums:
            document["enums"] = {enum.name: list(enum.values) for enum in self.enums}
        document["fields"] = [format_field(field) for field in self.fields]
        groups = {"unique": self.unique, "indexes": self.indexes}
        document |= {key: [list(group) for group in value] for key, value in groups.items() if value}
        lists = {"search": self.search, "filters": self.filters, "sort": self.sort}
        document |= {key: list(value) for key, value in lists.items() if value}
        if self.operations != OPERATIONS:
            document["operations"] = list(self.operations)
        if self.pagination != "offset":
            document["pagination"] = self.pagination
        if self.soft_delete:
            document["soft_delete"] = True
        if self.access:
            document["access"] = dict(self.access)
        return document
