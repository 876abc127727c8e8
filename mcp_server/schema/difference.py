"""The steps from one set of tables to another. Every state in between is one that SQLite, PostgreSQL and MySQL accept.

Constraints are dropped before the columns they speak of and made after them; where an index replaces another, the new one
comes first, because MySQL keeps an index for each foreign key.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, count

from mcp_server.schema.fill import Fill, neutral_fill
from mcp_server.schema.operations import (
    AddCheck,
    AddColumn,
    AddForeignKey,
    AddIndex,
    AddUnique,
    AlterColumn,
    CreateTable,
    DropCheck,
    DropColumn,
    DropForeignKey,
    DropIndex,
    DropTable,
    DropUnique,
    RenameColumn,
    SchemaOperation,
)
from mcp_server.schema.rename_table import rename_table
from mcp_server.schema.table import Check, Column, ForeignKey, Index, LabelCheck, Table, Unique

Renamed = Mapping[str, str]
"""Old column to new column."""
Relabelled = Mapping[str, Mapping[str, str]]
"""Enum column (its new name) to old label to new label; a removed label can be mapped to one that stays. Of a JSON column
these are items of its lists."""
Fills = Mapping[str, Fill]
"""Column to what existing rows get in it: by its new name where it becomes not null, by its old name where it is dropped
(for the way back). Without one, `neutral_fill` decides."""


def steps(
    old: Table,
    new: Table,
    *,
    renamed: Renamed | None = None,
    relabelled: Relabelled | None = None,
    fills: Fills | None = None,
) -> tuple[SchemaOperation, ...]:
    """What turns `old` into `new`; nothing if they differ in the order of things only.

    ValueError for another table name or primary key, and for a rename of a column that is not there.
    """
    return tuple(_Change(old, new, renamed or {}, relabelled or {}, fills or {}).steps())


def schema_steps(
    old: Iterable[Table],
    new: Iterable[Table],
    *,
    moved: Mapping[str, str] | None = None,
) -> tuple[SchemaOperation, ...]:
    """What turns one schema into another: new tables, changes of those that stay, dropped tables.

    Tables are created after those they refer to; where they refer to each other, the foreign key comes last. `moved` leads
    from old to new names of tables; ValueError where such a table is not otherwise the same, or the name is not free.
    """
    before, after = ({table.name: table for table in tables} for tables in (old, new))
    if taken := before.keys() & {*(moved or {}).values()}:
        raise ValueError(f"there are tables already: {sorted(taken)}")
    moves = [rename_table(before.pop(name), after.pop(to)) for name, to in (moved or {}).items()]
    fresh = [table for name, table in after.items() if name not in before]
    stale = [table for name, table in before.items() if name not in after]
    kept = [(before[name], table) for name, table in after.items() if name in before]
    changes = (steps(one, other) for one, other in kept)
    return (*moves, *_created(fresh), *chain.from_iterable(changes), *_dropped(stale))


def _created(tables: Sequence[Table]) -> Iterator[SchemaOperation]:
    late: list[AddForeignKey] = []
    waiting = {table.name: table for table in tables}
    while waiting:
        free = (one for one in waiting.values() if not _targets(one) & (waiting.keys() - {one.name}))
        table = next(free, None) or next(iter(waiting.values()))
        del waiting[table.name]
        keys = [key for key in _keys(table) if key[1].table in waiting]
        late += (AddForeignKey(table.name, column, key) for column, key in keys)
        yield CreateTable(_without_keys(table, {column for column, _ in keys}))
    yield from late


def _dropped(tables: Sequence[Table]) -> Iterator[SchemaOperation]:
    creation = list(_created(tables))
    for step in reversed(creation):
        match step:
            case CreateTable(table):
                yield DropTable(table)
            case AddForeignKey(table_name, column, key):
                yield DropForeignKey(table_name, column, key)


def _targets(table: Table) -> set[str]:
    return {key.table for _, key in _keys(table)}


def _keys(table: Table) -> list[tuple[str, ForeignKey]]:
    return [(column.name, column.foreign_key) for column in table.columns if column.foreign_key]


def _without_keys(table: Table, names: set[str]) -> Table:
    if not names:
        return table
    columns = (replace(one, foreign_key=None) if one.name in names else one for one in table.columns)
    return replace(table, columns=tuple(columns))


@dataclass(frozen=True)
class _Change:
    old: Table
    new: Table
    renamed: Renamed
    relabelled: Relabelled
    fills: Fills

    def steps(self) -> Iterator[SchemaOperation]:
        self._refuse_what_is_no_change()
        table = self.old.name
        keys = {(self._now(column), key): column for column, key in _keys(self.old)}
        new_keys = _keys(self.new)
        checks, new_checks = _checks(self.old), _checks(self.new)
        stale_checks = [one for one in checks if one not in new_checks or self._speaks_of_a_change(one)]
        groups: list[Unique | Index] = [*self.old.uniques, *self.old.indexes]
        new_groups: list[Unique | Index] = [*self.new.uniques, *self.new.indexes]
        moved = [self._moved(one) for one in groups]
        fresh = [one for one in new_groups if one not in moved]
        stale = [one for one in groups if self._moved(one) not in new_groups]
        first = [one for one in stale if self._must_go_first(one, fresh)]

        yield from (
            DropForeignKey(table, column, key)
            for (now, key), column in keys.items()
            if (now, key) not in new_keys
        )
        yield from (DropCheck(table, one) for one in stale_checks)
        yield from (_drop_group(table, one) for one in first)
        yield from self._columns()
        kept = [one for one in checks if one not in stale_checks]
        yield from (AddUnique(table, one) for one in fresh if isinstance(one, Unique))
        yield from (AddCheck(table, one) for one in new_checks if one not in kept)
        yield from (AddIndex(table, one) for one in fresh if isinstance(one, Index))
        yield from (_drop_group(table, one) for one in stale if one not in first)
        yield from (
            AddForeignKey(table, column, key) for column, key in new_keys if (column, key) not in keys
        )

    def _columns(self) -> Iterator[SchemaOperation]:
        table = self.old.name
        new = {column.name: column for column in self.new.columns}
        kept = [column for column in self.old.columns if column.name in self._names]
        dropped = [column for column in self.old.columns if column not in kept]
        yield from (
            DropColumn(table, _bare(column), self._fill(self.old, column) if not column.nullable else None)
            for column in dropped
        )
        yield from (
            RenameColumn(table, replace(_bare(column), name=name), to)
            for column, name, to in _renames(kept, self.renamed, new.keys())
        )
        for column in self.new.columns:
            if column.name not in self._names.values():
                fill = None if column.nullable else self._fill(self.new, column)
                yield AddColumn(table, _bare(column), fill)
        for column in kept:
            yield from self._altered(column, new[self._now(column.name)])

    def _altered(self, before: Column, after: Column) -> Iterator[AlterColumn]:
        pairs = tuple(self.relabelled.get(after.name, {}).items())
        if (before.type, before.nullable) == (after.type, after.nullable) and not pairs:
            return
        fill = None
        if before.nullable != after.nullable:  # whichever of them is not null must accept it
            given = self.fills.get(after.name)
            fill = given or (
                neutral_fill(self.new, after) if before.nullable else neutral_fill(self.old, before)
            )
        yield AlterColumn(self.old.name, _bare(replace(before, name=after.name)), _bare(after), fill, pairs)

    def _fill(self, table: Table, column: Column) -> Fill:
        return self.fills.get(column.name) or neutral_fill(table, column)

    @cached_property
    def _names(self) -> dict[str, str]:
        """Old to new name of the columns that live on: a name alone does not tell, another column may have taken it."""
        targets = {column.name for column in self.new.columns} - set(self.renamed.values())
        same = {column.name: column.name for column in self.old.columns if column.name in targets}
        return {**same, **self.renamed}

    def _now(self, column: str) -> str:
        """The new name of an old column; empty when it goes."""
        return self._names.get(column, "")

    def _moved(self, group: Unique | Index) -> Unique | Index:
        """What the database makes of an index when its columns are renamed."""
        return replace(group, columns=tuple(_sign(one) + self._now(_bare_name(one)) for one in group.columns))

    def _must_go_first(self, group: Unique | Index, fresh: Sequence[Unique | Index]) -> bool:
        """Its name is wanted again, or a column of it goes away or gets another name."""
        names = {_bare_name(one) for one in group.columns}
        stay = self._names.keys() - self.renamed.keys()
        return not names <= stay or any(one.name == group.name for one in fresh)

    def _speaks_of_a_change(self, check: Check | LabelCheck) -> bool:
        """MySQL renames no column that a CHECK speaks of, and PostgreSQL reads a CHECK otherwise for another type."""
        words = {check.column} if isinstance(check, LabelCheck) else set(re.findall(r"\w+", check.sql))
        return bool(words & {*self.renamed, *self.renamed.values(), *self._retyped})

    @cached_property
    def _retyped(self) -> set[str]:
        """Columns that keep their name and get a type of another kind."""
        types = {column.name: column.type.name for column in self.new.columns}
        names = self._names
        return {
            one.name
            for one in self.old.columns
            if names.get(one.name) == one.name and types[one.name] != one.type.name
        }

    def _refuse_what_is_no_change(self) -> None:
        old, new = self.old, self.new
        if old.name != new.name:
            raise ValueError(f"{old.name} and {new.name} are two tables")
        columns, targets = ({column.name for column in one.columns} for one in (old, new))
        for name, pairs in self.relabelled.items():
            before = next((one for one in old.columns if self._now(one.name) == name), None)
            after = next((one for one in new.columns if one.name == name), None)
            if before is None or after is None or not _fit(pairs, before, after):
                raise ValueError(f"{old.name}.{name} has no such labels to rename: {dict(pairs)}")
        if wrong := {
            name: to for name, to in self.renamed.items() if name not in columns or to not in targets
        }:
            raise ValueError(f"{old.name} has no such columns to rename: {wrong}")
        was = {self._now(column.name) for column in old.columns if column.primary_key}
        becomes = {column.name for column in new.columns if column.primary_key}
        if was != becomes or old.primary_key_name != new.primary_key_name:
            raise ValueError(f"the primary key of {old.name} changes from {sorted(was)} to {sorted(becomes)}")


def _renames(
    columns: Sequence[Column], renamed: Renamed, names: Collection[str]
) -> Iterator[tuple[Column, str, str]]:
    """The steps one by one: a column, the name that it has at that step, and a new one that is free at that step.

    Where columns swap their names, one of them gets a name in between, which is none of `names`.
    """
    waiting = {
        column.name: (column, renamed[column.name])
        for column in columns
        if renamed.get(column.name, column.name) != column.name
    }
    while waiting:
        name = next((one for one, (_, to) in waiting.items() if to not in waiting), "")
        if name:
            column, to = waiting.pop(name)
        else:
            name, (column, final) = next(iter(waiting.items()))
            to = next(one for one in (f"{name}_{n}" for n in count(1)) if one not in {*waiting, *names})
            waiting = {to: (column, final), **{one: pair for one, pair in waiting.items() if one != name}}
        yield column, name, to


def _fit(pairs: Mapping[str, str], before: Column, after: Column) -> bool:
    if before.type.name == "json":
        return after.type.name == "json"
    return set(pairs) <= set(before.type.values) and set(pairs.values()) <= set(after.type.values)


def _bare(column: Column) -> Column:
    return replace(column, foreign_key=None)


def _checks(table: Table) -> list[Check | LabelCheck]:
    return [*table.label_checks, *table.checks]


def _drop_group(table: str, group: Unique | Index) -> DropUnique | DropIndex:
    return DropUnique(table, group) if isinstance(group, Unique) else DropIndex(table, group)


def _sign(column: str) -> str:
    return "-" if column.startswith("-") else ""


def _bare_name(column: str) -> str:
    return column.removeprefix("-")
