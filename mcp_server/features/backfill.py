"""What rows that exist get in a column that becomes required: the field's default, or what the caller says. Never a guess.

A reference gets what the caller asks for by the word `first`: the oldest row of the other feature.
"""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from mcp_server.features.catalog import Catalog
from mcp_server.features.field_builder import FieldBuilder
from mcp_server.features.problems import did_you_mean
from mcp_server.features.spec import NUMBER_TYPES, FeatureSpec, FieldSpec
from mcp_server.features.validate import validate_alone
from mcp_server.schema.fill import Constant, Fill, FirstRow, Now, Value
from mcp_server.workspace.errors import InvalidInput, Problem

FIRST = "first"
OWNER = "owner"
DELETION_ID = "deletion_id"


@dataclass(frozen=True, slots=True)
class Backfill:
    """`old` is the field as it was under whatever name, None for a new one."""

    new: FieldSpec
    old: FieldSpec | None


def fills_of(
    old: FeatureSpec, new: FeatureSpec, renamed: Mapping[str, str], given: Mapping[str, Any], catalog: Catalog
) -> dict[str, Fill]:
    """Column to fill, for every column that becomes not null. `catalog` holds what the new spec refers to.

    Raises InvalidInput with every problem: EXT005 a value is needed and not given, EXT007 one is given and not needed, or
    SPEC0xx where it is no value of its field.
    """
    needed = {each.new.name: each for each in _backfills(old, new, renamed)}
    owned = {OWNER} if new.owner and not old.owner else set()
    problems: list[Problem] = []
    fills: dict[str, Fill] = dict.fromkeys(_lists(old, new, renamed), Constant([]))
    if old.soft_delete or new.soft_delete:
        fills[DELETION_ID] = Constant(0)
    for name in given:
        if name not in needed.keys() | owned:
            reason = "no row needs a value for it"
            hint = did_you_mean(name, [*needed, *owned])
            problems.append(Problem("EXT007", f"fill.{name}"[:100], reason, hint))
    if new.owner and owned:
        _refer(OWNER, "owner_id", catalog.features[new.owner].table, given, fills, problems)
    for name, each in needed.items():
        target = _other_table(new, each.new, catalog)
        if target:
            _refer(name, each.new.column, target, given, fills, problems)
            continue
        field = _with_default(each.new, given[name], problems) if name in given else each.new
        if reason := _unfillable(field):
            problems.append(Problem("EXT005", name, reason, _way_out(field)))
        elif found := _unfit(new, field):
            problems += found
        else:
            fills[field.column] = _fill(field)
    if problems:
        raise InvalidInput(*problems)
    return fills


def _lists(old: FeatureSpec, new: FeatureSpec, renamed: Mapping[str, str]) -> Iterator[str]:
    """The columns of lists, those that go included: a table has them as JSON and does not tell them from objects."""
    names = {field.name for field in new.fields}
    gone = (field for field in old.fields if field.name not in {*names, *renamed})
    return (field.column for field in (*gone, *new.fields) if field.type.name == "list")


def _other_table(spec: FeatureSpec, field: FieldSpec, catalog: Catalog) -> str:
    """The table whose first row all rows could refer to; empty where they cannot."""
    target = spec.target_of(field) if field.is_reference else spec.feature
    alone = field.unique or field.type.name == "one"  # each row needs another one
    return "" if alone or target == spec.feature else catalog.features[target].table


def _refer(
    name: str,
    column: str,
    table: str,
    given: Mapping[str, Any],
    fills: dict[str, Fill],
    problems: list[Problem],
) -> None:
    if given.get(name) == FIRST:
        fills[column] = FirstRow(table, "id")
        return
    reason = f"rows that are there need a row of {table} to refer to"
    hint = f"Say that it is the oldest one: fill {{{name}: {FIRST}}} (--fill {name}={FIRST})"
    if name != OWNER:
        hint += f", or make it nullable ({name}:...?)"
    problems.append(Problem("EXT005", name, reason, hint))


def _backfills(old: FeatureSpec, new: FeatureSpec, renamed: Mapping[str, str]) -> Iterator[Backfill]:
    origin = {to: name for name, to in renamed.items()}
    for field in new.fields:
        name = origin.get(field.name, field.name)
        before = None if name in renamed and origin.get(field.name) is None else old.field(name)
        if before is not None and before.is_reference != field.is_reference:
            before = None  # another column altogether
        if not field.is_links and not field.nullable and (before is None or before.nullable):
            yield Backfill(field, before)


def _with_default(field: FieldSpec, value: Any, problems: list[Problem]) -> FieldSpec:
    builder = FieldBuilder(replace(field, default=None), f"fill.{field.name}", problems)
    builder.set("default", value)
    return builder.build()


def _unfillable(field: FieldSpec) -> str:
    if field.is_reference:
        return "rows that are there would refer to nothing, and nobody can say which row to choose for each"
    if field.default is None:
        return "rows that are there need a value"
    return "rows that are there would all get the same value, and it is unique" if field.unique else ""


def _way_out(field: FieldSpec) -> str:
    nullable = f"Make it nullable ({field.name}:...?)"
    if field.is_reference or field.unique:
        return f"{nullable}, and where it has to be required: give the rows their values, then make it required, then unique"
    return f"{nullable}, give it a default, or say what goes in: fill {{{field.name}: value}} (--fill {field.name}=value)"


def _unfit(spec: FeatureSpec, field: FieldSpec) -> list[Problem]:
    """What would be wrong with the value as a default."""
    fields = tuple(field if one.name == field.name else one for one in spec.fields)
    found = validate_alone(replace(spec, fields=fields))
    return [replace(one, place=f"fill.{field.name}") for one in found if one.code.startswith("SPEC04")]


def _fill(field: FieldSpec) -> Fill:
    if field.default in ("now", "today") and field.type.name in ("datetime", "date"):
        return Now()
    return Constant(_value(field))


def _value(field: FieldSpec) -> Value:
    """The default as the database takes it."""
    text = str(field.default)
    match field.type.name:
        case "date":
            return date.fromisoformat(text)
        case "datetime":
            return datetime.fromisoformat(text)
        case "time":
            return time.fromisoformat(text)
        case "uuid":
            return UUID(text)
        case "bytes":
            return b64decode(text)
        case "json" | "list":
            return {} if text == "{}" else []
        case "decimal":
            return Decimal(text)
        case name if name in (*NUMBER_TYPES, "bool") and not isinstance(field.default, str | None):
            return field.default
        case _:
            return text
