"""SQLAlchemy's column types and defaults in portable terms. In the child only."""

import datetime as dt
import re
from base64 import b64encode
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum as PythonEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, types
from sqlalchemy.sql.functions import FunctionElement

from mcp_server.inspection.mapped import Default, Remark, Scalar
from mcp_server.schema.table import ColumnType, TypeName

_PLAIN: tuple[tuple[type[Any], TypeName], ...] = (
    (types.Text, "text"), (types.String, "string"), (types.BigInteger, "bigint"), (types.Integer, "int"),
    (types.Float, "float"), (types.Numeric, "decimal"), (types.Boolean, "bool"), (types.DateTime, "datetime"),
    (types.Date, "date"), (types.Time, "time"), (types.Uuid, "uuid"), (types.JSON, "json"), (types.LargeBinary, "bytes"),
)  # fmt: skip
"""First fit: `Text` is a `String`, `BigInteger` an `Integer`, `Float` a `Numeric`."""


def portable(type_: Any) -> ColumnType | None:
    """The portable type, or None where there is none."""
    if isinstance(type_, types.Interval):  # most databases keep it as a point in time, which it is not
        return None
    if isinstance(type_, types.TypeDecorator):
        return portable(type_.impl_instance)
    if isinstance(type_, types.Enum):
        return ColumnType("enum", values=tuple(type_.enums))
    name = next((name for kind, name in _PLAIN if isinstance(type_, kind)), None)
    if name is None:
        return None
    numeric = name == "decimal"
    return ColumnType(
        name,
        length=type_.length if name == "string" else None,
        precision=type_.precision if numeric else None,
        scale=type_.scale if numeric else None,
        ascii=any(getattr(each, "charset", None) == "ascii" for each in variants(type_).values()),
    )


def type_remarks(column: Column[Any]) -> Iterator[Remark]:
    """What the portable type does not say; nothing for the types that the kit itself writes."""
    from app.core.database import UtcDateTime
    from app.models.base import ListOf, UrlString

    type_: Any = column.type
    if isinstance(type_, ListOf) or _same(type_, UtcDateTime) or _same(type_, UrlString):
        return
    for text in (*_kept(type_), *(f"is {each!r} on {name}" for name, each in variants(type_).items())):
        yield Remark("storage", (column.name,), text)


def _kept(type_: Any) -> Iterator[str]:
    """How values are kept otherwise than the kit would."""
    if isinstance(type_, types.TypeDecorator):
        yield f"has the type {type(type_).__name__}, which the kit takes for {type_.impl_instance!r}"
        type_ = type_.impl_instance
    match type_:
        case types.Enum():
            yield from _kept_labels(type_)
        case types.SmallInteger():
            yield "is a SMALLINT, which the kit takes for an int"
        case types.DateTime(timezone=False):
            yield "is kept without time zone, unlike the kit's"
        case types.Time(timezone=True):
            yield "is kept with time zone, unlike the kit's"
        case types.LargeBinary(length=int(longest)):
            yield f"holds {longest} bytes, which the kit does not limit"
        case types.String(collation=str(name)):
            yield f"is collated as {name}"
        case _ if type(type_).__module__.startswith("sqlalchemy.dialects."):
            yield f"is {type_!r}, which only some databases have"


def _kept_labels(type_: types.Enum) -> Iterator[str]:
    if type_.native_enum:
        yield "is an enum type of the database; the kit writes VARCHAR with a CHECK"
    elif not type_.create_constraint:
        yield "has no CHECK of its labels"
    members: Any = type_.enum_class
    if members is not None and [str(member.value) for member in members] != list(type_.enums):
        yield "stores other labels than the values of its class, which the API shows"


def variants(type_: Any) -> dict[str, Any]:
    """The types it becomes on some databases."""
    return dict(getattr(type_, "_variant_mapping", {}))


def _same(one: Any, other: Any) -> bool:
    return repr((one, variants(one))) == repr((other, variants(other)))


def default_of(column: Column[Any]) -> Default | None:
    """What Python, or else the database, puts into a new row. None where there is nothing, or nothing readable."""
    default: Any = column.default
    if default is None:
        return _of_server(column)
    if default.is_scalar:
        value = _scalar(column, default.arg)
        return None if value is None else Default(value)
    if default.is_callable:
        return Default(function=default.arg.__name__)
    if isinstance(default.arg, FunctionElement):
        return Default(function=str(getattr(default.arg, "name", "")))
    return Default(function=str(default.arg))


def _of_server(column: Column[Any]) -> Default | None:
    arg: Any = getattr(column.server_default, "arg", None)
    if arg is None:
        return None
    if isinstance(arg, FunctionElement):
        return Default(function=str(getattr(arg, "name", "")))
    text = str(arg)
    quoted = re.fullmatch(r"'((?:[^']|'')*)'", text)
    if isinstance(arg, str) or quoted:
        text = quoted[1].replace("''", "'") if quoted else text
    elif re.fullmatch(r"[A-Za-z_ ]+(\(\))?", text) and text.lower() not in ("true", "false"):
        return Default(function=text.lower().removesuffix("()"))
    if isinstance(column.type, types.Boolean):
        return Default({"1": True, "true": True, "0": False, "false": False}.get(text.lower(), text))
    return Default(text)


def _scalar(column: Column[Any], value: Any) -> Scalar | None:
    match value:
        case PythonEnum() if isinstance(column.type, types.Enum):
            return str(column.type._db_value_for_elem(value))  # type: ignore[no-untyped-call]  # noqa: SLF001 -- its label
        case PythonEnum():
            return _scalar(column, value.value)
        case bool() | int() | float() | str() | None:
            return value
        case Decimal():
            return format(value, "f")
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case UUID():
            return str(value)
        case bytes():
            return b64encode(value).decode()
        case {} | []:
            return str(value)
        case _:
            return repr(value)
