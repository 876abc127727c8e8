"""Random changes of a random table: columns dropped, renamed, altered and added, constraints drawn anew."""

from dataclasses import dataclass, replace

from hypothesis import assume
from hypothesis import strategies as st

from mcp_server.schema.table import Check, Column, ColumnType, ForeignKey, Index, OnDelete, Table, Unique
from tests.mcp_server.migrations.tables import INDEXABLE, labels, names, types


@dataclass(frozen=True)
class Pair:
    old: Table
    new: Table
    renamed: dict[str, str]
    relabelled: dict[str, dict[str, str]]


@st.composite
def constrained(draw: st.DrawFn, name: str, columns: tuple[Column, ...]) -> Table:
    """The columns as a table, with constraints drawn over them. Some names carry columns, some do not."""
    indexable = [column.name for column in columns if column.type.name in INDEXABLE]
    groups = st.lists(st.sampled_from(indexable), min_size=1, max_size=3, unique=True)
    groups = groups.filter(
        lambda group: group != ["id"]
    )  # PostgreSQL makes one rule of it and the primary key
    sets = draw(st.lists(groups, max_size=2, unique_by=frozenset))  # SQLite keeps one of two equal rules
    uniques = [Unique(f"uq_{n}", tuple(group)) for n, group in enumerate(sets)]
    signs = st.sampled_from(["", "-"])
    indexes = [
        Index(f"ix_{n}", tuple(draw(signs) + one for one in draw(groups)), unique=draw(st.booleans()))
        for n in range(draw(st.integers(0, 2)))
    ]
    checks = [
        Check(f"ck_{column.name}", f'"{column.name}" {sign} -1')
        for column in columns[1:]
        if column.type.name in {"int", "bigint", "decimal"}
        for sign in draw(st.sampled_from([(), (">=",), (">",)]))
    ]
    used = {one.columns for one in uniques}
    uniques += [
        Unique(f"uq_of_{column.name}", (column.name,))
        for column in columns[1:]
        if column.name in indexable and (column.name,) not in used and draw(st.booleans())
    ]
    return Table(name, columns, tuple(uniques), tuple(checks), tuple(indexes), f"pk_{name}")


@st.composite
def columns(draw: st.DrawFn, table: str, name: str) -> Column:
    if draw(st.integers(0, 5)) == 0:
        action: OnDelete = "CASCADE" if draw(st.booleans()) else "RESTRICT"
        key = ForeignKey(table, "id", action, f"fk_{name}")
        return Column(name, ColumnType("int"), nullable=draw(st.booleans()), foreign_key=key)
    return Column(name, draw(types), nullable=draw(st.booleans()))


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    table = draw(names)
    fresh = names.filter(lambda name: name != "id")
    old_names = draw(st.lists(fresh, min_size=1, max_size=6, unique=True))
    key = Column("id", ColumnType("int"), primary_key=True)
    old = (key, *(draw(columns(table, name)) for name in old_names))
    kept = [column for column in old[1:] if draw(st.integers(0, 3))]
    pool = draw(st.lists(fresh, min_size=2, max_size=4, unique=True).map(lambda more: [*old_names, *more]))
    new_names = draw(st.permutations(list(dict.fromkeys(pool))))
    renamed: dict[str, str] = {}
    relabelled: dict[str, dict[str, str]] = {}
    result = [key]
    for column in kept:
        stays = column.name in new_names and draw(st.booleans())
        name = column.name if stays else new_names[0]
        new_names.remove(name)
        if name != column.name:
            renamed[column.name] = name
        key_name = column.foreign_key and replace(column.foreign_key, name=f"fk_{name}")
        after = replace(column, name=name, foreign_key=key_name)
        if after.foreign_key is None and draw(st.booleans()):
            after, mapping = draw(altered(after))
            if mapping:
                relabelled[name] = mapping
        if draw(st.booleans()):
            after = replace(after, nullable=not after.nullable)
        result.append(after)
    gone = {column.name for column in old} - {column.name for column in kept}
    # A name that a dropped column had would make its successor look like a change of type.
    free = [name for name in new_names if name not in gone and draw(st.booleans())]
    result += [draw(columns(table, name)) for name in free]
    then, now = draw(constrained(table, old)), draw(constrained(table, tuple(result)))
    # SQLite shows two rules over the same columns as one, and between two steps both would stand there.
    names_then = {
        frozenset(renamed.get(name, name) for name in rule.columns): rule.name for rule in then.uniques
    }
    assume(all(names_then.get(frozenset(rule.columns), rule.name) == rule.name for rule in now.uniques))
    return Pair(then, now, renamed, relabelled)


@st.composite
def altered(draw: st.DrawFn, column: Column) -> tuple[Column, dict[str, str]]:
    """The column with a type that its values fit into, both ways."""
    type_ = column.type
    match type_.name:
        case "string":
            return replace(
                column, type=draw(st.sampled_from([replace(type_, length=5001), ColumnType("text")]))
            ), {}
        case "int":
            return replace(column, type=ColumnType("bigint")), {}
        case "decimal":
            precision = (type_.precision or 0) + 3
            return replace(column, type=replace(type_, precision=precision)), {}
        case "enum":
            more = tuple(one for one in draw(labels) if one not in type_.values)[:3]
            mapping = dict(zip(type_.values, more, strict=False)) if draw(st.booleans()) else {}
            kept = tuple(mapping.get(one, one) for one in type_.values)
            added = () if mapping else more
            return replace(column, type=replace(type_, values=(*kept, *added))), mapping
        case _:
            return column, {}
