"""`features.tables` turned round: from a table, its links and the promises of its files to the spec they could come from.

Whatever the spec does not say of them is a gap: its own table is made and compared with the one it was read from.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from mcp_server.features.catalog import USER, Catalog
from mcp_server.features.inflection import pluralise
from mcp_server.features.naming import is_name, link_table_name
from mcp_server.features.spec import FeatureSpec, FieldSpec, TypeSpec
from mcp_server.features.tables import link_table, table_of
from mcp_server.features.trace.columns import ColumnReader
from mcp_server.features.trace.gaps import Gap, of_differences, of_remark
from mcp_server.features.trace.promises import with_promises
from mcp_server.features.trace.rules import shown_in_rules, with_bounds, with_indexes, with_uniques
from mcp_server.features.validate import validate
from mcp_server.inspection.contract import Contract
from mcp_server.inspection.mapped import MappedTable
from mcp_server.schema.table import Column, Table
from mcp_server.workspace.errors import Problem

_BASE: Final = {"id": "int", "public_id": "uuid", "created_at": "datetime", "updated_at": "datetime"}
_LINKS: Final = "_public_ids"
_SOFT: Final = {"deleted_at": "datetime", "deletion_id": "int"}


@dataclass(frozen=True, slots=True)
class Traced:
    """The spec, what it does not say, and why the language would refuse it."""

    spec: FeatureSpec
    gaps: tuple[Gap, ...]
    problems: tuple[Problem, ...]


def trace(
    feature: str, mapped: MappedTable, others: Iterable[MappedTable], contract: Contract, catalog: Catalog
) -> Traced:
    """The spec of a feature as its table, the tables of links among the `others` and its contract show it.

    `catalog` holds the other features.
    """
    table = mapped.table
    plural = plural_of(feature, table)
    soft = {column.name: column.type.name for column in table.columns if column.name in _SOFT} == _SOFT
    owner = next((column for column in table.columns if column.name == "owner_id"), None)
    owned = owner is not None and _is_owner(owner)
    spec = FeatureSpec(feature, (), plural, owner="user" if owned else None, soft_delete=soft)
    gaps = [*map(of_remark, mapped.remarks), *_names(spec, mapped), *_base(table)]

    reader = ColumnReader(mapped, feature, catalog)
    apart = {*_BASE, *(_SOFT if soft else ()), *(("owner_id",) if owned else ())}
    read = [reader.field(column) for column in table.columns if column.name not in apart]
    fields, unread = with_bounds([field for field in read if field is not None], table.checks)
    gaps += [*reader.gaps, *unread]
    gaps += [gap for field in fields for gap in _attribute(field, mapped)]

    shown = [name.removesuffix(_LINKS) for name in contract.answer or () if name.endswith(_LINKS)]
    links, unread = _links(spec, others, shown, catalog)
    gaps += unread
    spec = replace(spec, fields=(*fields, *links), enums=tuple(reader.shared))
    spec, unread = with_promises(spec, contract)
    gaps += unread
    spec, unread = with_uniques(spec, table, catalog)
    gaps += unread
    spec, unread = shown_in_rules(spec)
    gaps += unread
    spec, unread = with_indexes(spec, table, catalog)
    gaps += unread

    problems = validate(spec, catalog)
    # Under another name every constraint has another, too.
    if not problems and table.name == spec.names.table:
        gaps += _differences(spec, mapped, others, catalog, gaps)
    return Traced(spec, tuple(dict.fromkeys(gaps)), problems)


def plural_of(feature: str, table: Table) -> str:
    """The plural under which the kit would have made the table, where there is one."""
    return table.name if is_name(table.name) and table.name != feature else pluralise(feature)


def _is_owner(column: Column) -> bool:
    key = column.foreign_key
    return key is not None and (key.table, key.column) == (USER.table, "id") and not column.nullable


def _names(spec: FeatureSpec, mapped: MappedTable) -> Iterator[Gap]:
    names = spec.names
    if spec.feature == USER.name:
        yield Gap("TRC012", (), "users belong to the service itself")
    if mapped.table.name != names.table:
        reason = f"the table is called {mapped.table.name}; the kit would call it {names.table}"
        yield Gap("TRC011", (), reason)


def _base(table: Table) -> Iterator[Gap]:
    columns = {column.name: column for column in table.columns}
    for name, type_ in _BASE.items():
        column = columns.get(name)
        if column is None:
            yield Gap("TRC010", (name,), f"there is no {name}")
        elif (column.type.name, column.nullable, column.primary_key) != (type_, False, name == "id"):
            kind = "the integer primary key" if name == "id" else f"a {type_} that is never null"
            yield Gap("TRC010", (name,), f"{name} is not {kind}")
    if "public_id" in columns and not any(unique.columns == ("public_id",) for unique in table.uniques):
        yield Gap("TRC010", ("public_id",), "public_id is not unique")


def _attribute(field: FieldSpec, mapped: MappedTable) -> Iterator[Gap]:
    found = mapped.attributes.get(field.column, field.column)
    if found != field.attribute:
        reason = f"is {found} in Python; the kit would call it {field.attribute}"
        yield Gap("TRC024", (field.column,), reason)


def _links(
    spec: FeatureSpec, others: Iterable[MappedTable], shown: Iterable[str], catalog: Catalog
) -> tuple[list[FieldSpec], list[Gap]]:
    fields: list[FieldSpec] = []
    gaps: list[Gap] = []
    for other in others:
        if other.model or not _joins(other.table, spec.names.table):
            continue
        found = _link(spec, other.table, shown, catalog)
        if found is not None:
            fields.append(found)
        elif not _belongs_to_another(spec, other.table, catalog):
            reason = f"the table of links {other.table.name} has other names or keys than the kit's"
            gaps.append(Gap("TRC021", (other.table.name,), reason))
    return fields, gaps


def _joins(table: Table, own: str) -> bool:
    """Whether it does nothing but link rows, of this table among others."""
    keys = [column.foreign_key for column in table.columns if column.foreign_key and column.primary_key]
    return len(keys) == len(table.columns) == 2 and own in {key.table for key in keys}


def _link(spec: FeatureSpec, table: Table, shown: Iterable[str], catalog: Catalog) -> FieldSpec | None:
    """The field that the kit would make this very table of."""
    ends = [column.foreign_key.table for column in table.columns if column.foreign_key]
    other = next((one for one in ends if one != spec.names.table), spec.names.table)
    known = next((one for one in catalog.features.values() if one.table == other and one.referable), None)
    itself = other == spec.names.table
    if known is None and not itself:
        return None
    # A long name is shortened in the table's, and written out in answers.
    names = (table.name.removeprefix(f"{spec.feature}_"), *shown)
    name = next((one for one in names if link_table_name(spec.feature, one) == table.name), "")
    if not is_name(name):
        return None
    field = FieldSpec(name, TypeSpec("many", target="self" if itself or known is None else known.name))
    wanted = {column.name for column in link_table(spec, field, catalog).columns}
    return field if wanted == {column.name for column in table.columns} else None


def _belongs_to_another(spec: FeatureSpec, table: Table, catalog: Catalog) -> bool:
    ends = {column.foreign_key.table for column in table.columns if column.foreign_key}
    return any(
        each.table in ends and each.name != spec.feature and table.name.startswith(f"{each.name}_")
        for each in catalog.features.values()
    )


def _differences(
    spec: FeatureSpec,
    mapped: MappedTable,
    others: Iterable[MappedTable],
    catalog: Catalog,
    gaps: Iterable[Gap],
) -> Iterator[Gap]:
    """What the tables of the spec are otherwise than those it was read from, beside what was told of already."""
    told = {name for gap in gaps if gap.code[:5] in ("TRC01", "TRC02") for name in gap.names}
    told -= {name for gap in gaps if gap.code in ("TRC023", "TRC024") for name in gap.names}
    yield from of_differences(mapped.table, table_of(spec, catalog), told)
    there = {each.table.name: each.table for each in others}
    for field in spec.fields:
        if field.is_links:
            wanted = link_table(spec, field, catalog)
            yield from of_differences(there[wanted.name], wanted, ())
