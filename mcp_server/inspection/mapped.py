"""Tables as the models declare them, and what a `Table` has no form for. Plain values: they cross from the child as JSON."""

from dataclasses import dataclass
from typing import Literal

from mcp_server.schema.table import Table

Scalar = str | int | float | bool
Kind = Literal["column", "default", "rule", "class", "storage", "place"]
"""What is not in the table: a `column` without a portable type, a `default`, a `rule` (constraint or index), something that
only the `class` has; or how it is kept (`storage`), or that the table is not one of its own in its usual `place`."""


@dataclass(frozen=True, slots=True)
class Remark:
    """`names`: the columns or the constraint it is about; nothing for the whole table."""

    kind: Kind
    names: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Default:
    """What a new row gets: a value as YAML writes it, or what a function of this name returns."""

    value: Scalar | None = None
    function: str = ""


@dataclass(frozen=True, slots=True)
class EnumClass:
    """The class of an enum column."""

    name: str
    module: str


@dataclass(frozen=True, slots=True)
class MappedTable:
    """`model` is empty for a table without a class. The mappings go by column and hold only what there is to say:
    Python attributes, defaults, enum classes, and the Python type of what a list holds."""

    table: Table
    model: str
    module: str
    attributes: dict[str, str]
    defaults: dict[str, Default]
    enums: dict[str, EnumClass]
    items: dict[str, str]
    remarks: tuple[Remark, ...]
