"""Names of constraints and indexes inside one table. Databases and Alembic fold two of one name into one, silently."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from mcp_server.features.catalog import USER, Catalog, KnownFeature
from mcp_server.features.naming import is_name
from mcp_server.features.problems import problem
from mcp_server.features.spec import RELATION_TYPES, SCALAR_TYPES, FeatureSpec
from mcp_server.features.tables import tables_of
from mcp_server.schema.table import Table
from mcp_server.workspace.errors import Problem


@dataclass(frozen=True, slots=True)
class _Named:
    """A constraint or index of a table, and the columns that it is about."""

    name: str
    what: str
    columns: tuple[str, ...]


def check_constraints(spec: FeatureSpec) -> Iterator[Problem]:
    if not is_name(spec.feature) or not is_name(spec.plural):
        return
    table, *links = tables_of(sound(spec), Catalog(stand_ins(spec)))
    seen: dict[str, _Named] = {}
    for each in (found for one in (table, *links) for found in _named(one)):
        if each.name in seen:
            reason = f"the {each.what} and the {seen[each.name].what} would both be called {each.name}"
            hint = "Drop one of them, or rename a field."
            yield problem("SPEC067", _place(spec, each), reason, hint)
        seen[each.name] = each
    together: dict[frozenset[str], str] = {}
    for unique in table.uniques:
        columns = frozenset(unique.columns)
        if columns in together and unique.name != together[columns]:
            reason = f"{unique.name} and {together[columns]} say the same thing"
            yield problem("SPEC067", "unique", reason, "Drop one of them.")
        together[columns] = unique.name


def names_of(tables: Collection[Table]) -> dict[str, str]:
    """Every name of a table, constraint or index, and what it belongs to."""
    names = {each.name: each.what for table in tables for each in _named(table)}
    return {table.name: f"table {table.name}" for table in tables} | names


def _place(spec: FeatureSpec, named: _Named) -> str:
    """Where the later of two rules was asked for: a group, or else a field."""
    if len(named.columns) > 1:
        return "unique" if named.what.startswith("unique") else "indexes"
    positions = [number for number, field in enumerate(spec.fields) if field.column in named.columns]
    return f"fields[{positions[0]}]" if positions else "fields"


def _named(table: Table) -> Iterator[_Named]:
    yield _Named(table.primary_key, "primary key", ())
    for column in table.columns:
        if column.foreign_key is not None:
            yield _Named(column.foreign_key.name, f"foreign key of {column.name}", (column.name,))
        if column.check:
            yield _Named(column.check, f"check of {column.name}", (column.name,))
    for unique in table.uniques:
        yield _Named(unique.name, f"unique rule over {', '.join(unique.columns)}", unique.columns)
    for check in table.checks:
        yield _Named(check.name, f"check {check.sql}", (check.sql.split()[0].strip('"'),))
    for index in table.indexes:
        columns = tuple(name.removeprefix("-") for name in index.columns)
        yield _Named(index.name, f"index over {', '.join(index.columns)}", columns)


def sound(spec: FeatureSpec) -> FeatureSpec:
    """The part of a spec from which a table can be made, so that its names can be judged beside other problems."""
    fields = {
        field.name: field
        for field in spec.fields
        if field.type.name in SCALAR_TYPES or (field.type.name in RELATION_TYPES and field.type.target)
    }
    usable = {*fields, "created_at", "updated_at"} | ({"owner"} if spec.owner else set())

    def whole(groups: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        return tuple(
            group for group in groups if group and all(name.removeprefix("-") in usable for name in group)
        )

    return replace(
        spec,
        fields=tuple(fields.values()),
        owner="user" if spec.owner else None,
        unique=whole(spec.unique),
        indexes=whole(spec.indexes),
    )


def stand_ins(spec: FeatureSpec) -> dict[str, KnownFeature]:
    """Made-up features for everything the spec refers to: names of constraints do not depend on them."""
    targets = {field.type.target for field in spec.fields if field.type.target and field.type.name != "enum"}
    made_up = {name: KnownFeature(name, name, name, name) for name in targets}
    return {**made_up, USER.name: USER}
