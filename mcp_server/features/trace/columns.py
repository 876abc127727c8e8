"""A column of a table as a field of the language."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from mcp_server.features.catalog import Catalog
from mcp_server.features.naming import FIELD_LENGTH, class_name, enum_class, is_name
from mcp_server.features.spec import (
    PRECISION_LIMIT,
    STRING_LENGTH,
    URL_LENGTH,
    DeleteRule,
    FieldSpec,
    SharedEnum,
    TypeSpec,
)
from mcp_server.features.spec import (
    Default as FieldDefault,
)
from mcp_server.features.trace.gaps import Gap
from mcp_server.features.values import to_default
from mcp_server.inspection.mapped import Default, EnumClass, MappedTable
from mcp_server.schema.table import Column, ForeignKey, OnDelete

_RULES: Final[dict[OnDelete, DeleteRule]] = {
    "CASCADE": "cascade",
    "RESTRICT": "restrict",
    "SET NULL": "set_null",
}
_FUNCTIONS: Final = {
    "datetime": {"utc_now": "now", "now": "now", "utcnow": "now", "current_timestamp": "now"},
    "date": {"today": "today", "current_date": "today"},
    "json": {"dict": "{}", "list": "[]"},
    "list": {"list": "[]"},
}
"""What functions of defaults are called, by type."""
_ITEMS: Final = {"str": "string", "Decimal": "decimal", "UUID": "uuid"}
"""Python types of a list's entries whose type in the language has another name."""
_PLACES: Final = 10
"""Digits behind the point of decimals in a list, where no schema tells them."""


class ColumnReader:
    """Reads the columns of one table; what has no form is in `gaps` afterwards, enums of the module in `shared`."""

    def __init__(self, mapped: MappedTable, feature: str, catalog: Catalog) -> None:
        self.mapped = mapped
        self.feature = feature
        self.catalog = catalog
        self.gaps: list[Gap] = []
        self.shared: list[SharedEnum] = []

    def field(self, column: Column) -> FieldSpec | None:
        """The field, or None where the language has none."""
        name, key = column.name, column.foreign_key
        if key is not None:
            name = name.removesuffix("_id") if name.endswith("_id") else ""
        if name == "owner":
            self._left_out("TRC021", column, "is an owner who may be missing, or is no user")
            return None
        if not is_name(name) or len(name) > FIELD_LENGTH:
            reason = (
                "a column of this name is no field"
                if name
                else "a foreign key whose name does not end in _id"
            )
            self._left_out("TRC020" if name else "TRC021", column, reason)
            return None
        return self._reference(name, column, key) if key else self._scalar(column)

    def _reference(self, name: str, column: Column, key: ForeignKey) -> FieldSpec | None:
        own = key.table == self.mapped.table.name
        known = next((one for one in self.catalog.features.values() if one.table == key.table), None)
        if key.column != "id" or column.type.name != "int":
            self._left_out("TRC021", column, f"refers to {key.table}.{key.column}, which is no integer key")
            return None
        if not own and (known is None or not known.referable):
            reason = f"refers to {key.table}, which is no feature of the kit, or has no repository and factory: adopt it first"
            self._left_out("TRC021", column, reason)
            return None
        target = "self" if own or known is None else known.name
        field = FieldSpec(name, TypeSpec("ref", target=target), nullable=column.nullable)
        rule = _RULES[key.on_delete]
        return field if rule == field.delete_rule else replace(field, on_delete=rule)

    def _scalar(self, column: Column) -> FieldSpec | None:
        type_ = self._type(column)
        if type_ is None:
            return None
        field = FieldSpec(column.name, type_, nullable=column.nullable)
        found = self.mapped.defaults.get(column.name)
        default = None if found is None else self._default(column, type_, found)
        return field if default is None else replace(field, default=default)

    def _type(self, column: Column) -> TypeSpec | None:
        type_ = column.type
        match type_.name:
            case "string" if type_.ascii and type_.length == URL_LENGTH:
                return TypeSpec("url")
            case "string":
                if type_.length is None:
                    reason = f"is text without a length, which the spec limits to {STRING_LENGTH} characters"
                    self.gaps.append(Gap("TRC031", (column.name,), reason))
                return TypeSpec("string", max=type_.length or STRING_LENGTH)
            case "decimal" if type_.precision is None:
                self._left_out("TRC020", column, "is a decimal without a number of digits")
                return None
            case "decimal":
                return TypeSpec("decimal", precision=type_.precision, scale=type_.scale or 0)
            case "enum":
                return self._enum(column)
            case "json" if column.name in self.mapped.items:
                item = self.mapped.items[column.name]
                return TypeSpec("list", item=_plain_item(_ITEMS.get(item, item)))
            case name:
                return TypeSpec(name)

    def _enum(self, column: Column) -> TypeSpec:
        own = TypeSpec("enum", values=column.type.values)
        found = self.mapped.enums.get(column.name)
        if found is not None and found.name == enum_class(self.feature, column.name):
            return own
        shared = next(iter(self._shared(found, column.type.values)), None) if found else None
        if shared is not None:
            return TypeSpec("enum", target=shared)
        reason = f"has the class {found.name} of {found.module}" if found else "has no class of its labels"
        reason += f"; the kit would write {enum_class(self.feature, column.name)}"
        self.gaps.append(Gap("TRC031", (column.name,), reason))
        return own

    def _shared(self, found: EnumClass, values: tuple[str, ...]) -> Iterator[str]:
        """The name by which the class is shared: by another feature, or by the module of this one."""
        for known in self.catalog.features.values():
            if known.spec and known.layout.module("model", known.spec.names) == found.module:
                yield from (enum.name for enum in known.spec.enums if class_name(enum.name) == found.name)
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", found.name).lower()
        taken = {
            enum.name for known in self.catalog.features.values() if known.spec for enum in known.spec.enums
        }
        if (
            found.module == self.mapped.module
            and class_name(name) == found.name
            and is_name(name)
            and name not in taken
        ):
            enum = SharedEnum(name, values)
            if enum not in self.shared:
                self.shared.append(enum)
            yield name

    def _default(self, column: Column, type_: TypeSpec, found: Default) -> FieldDefault:
        value = found.value
        if value is None:
            value = _FUNCTIONS.get(type_.name, {}).get(found.function)
        try:
            if value is None:
                raise ValueError(f"{found.function} is called for it")  # noqa: TRY301 -- told like a value of no use
            return to_default(TypeSpec(type_.name, values=column.type.values), value)
        except ValueError as error:
            self.gaps.append(
                Gap("TRC023", (column.name,), f"has a default that the spec cannot hold: {error}")
            )
            return None

    def _left_out(self, code: str, column: Column, reason: str) -> None:
        self.gaps.append(Gap(code, (column.name,), reason))


def _plain_item(name: str) -> TypeSpec:
    """What a list of this type holds at most, until a schema says more."""
    match name:
        case "string":
            return TypeSpec(name, max=STRING_LENGTH)
        case "decimal":
            return TypeSpec(name, precision=PRECISION_LIMIT, scale=_PLACES)
        case _:
            return TypeSpec(name)
