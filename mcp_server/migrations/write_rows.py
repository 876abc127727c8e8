"""What happens to the rows of a table while its columns change, as statements over typed `sa.table`s, never over models."""

import keyword
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from mcp_server.migrations.expression import Chain, Expression, Group, Statement, call, listing, string
from mcp_server.migrations.write_list_labels import relabel_items
from mcp_server.migrations.write_tables import type_of
from mcp_server.schema.fill import Constant, Fill, FirstRow, Now, OwnKey
from mcp_server.schema.operations import DeleteMarked
from mcp_server.schema.table import Column, ColumnType

_NUMBERS = frozenset({"int", "bigint", "decimal", "float"})
_TAKEN = frozenset(
    [
        "op",
        "sa",
        "connection",
        "row",
        "texts",
        "old",
        "new",
        "date",
        "datetime",
        "time",
        "timedelta",
        "upgrade",
        "downgrade",
    ]
)
_COLLECTION = frozenset(
    [
        "add",
        "as_readonly",
        "clear",
        "compare",
        "contains_column",
        "corresponding_column",
        "extend",
        "get",
        "items",
        "keys",
        "remove",
        "self",
        "update",
        "values",
    ]
)
"""Names that the columns of an `sa.table` cannot be asked for by attribute, nor `values()` be given by keyword."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """`fill` for the rows that are null (all of them in a `fresh` column), and labels that become others: the values of an
    enum, the items of a JSON list."""

    column: Column
    fill: Fill | None = None
    fresh: bool = False
    relabelled: tuple[tuple[str, str], ...] = ()


@dataclass
class Imports:
    """What the statements need beside `sa` and `op`: module -> names."""

    names: dict[str, set[str]] = field(default_factory=dict)

    def add(self, module: str, *names: str) -> None:
        self.names.setdefault(module, set()).update(names)

    def lines(self) -> list[str]:
        return [
            f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(self.names.items())
        ]


def update_rows(table: str, changes: Sequence[RowChange], imports: Imports) -> Iterator[Statement]:
    """Fill and relabel, the new columns in one pass over the table."""
    rows = _variable(table)
    columns = {one.column.name: one.column.type for one in changes}
    keys = {one.fill.key: ColumnType("int") for one in changes if isinstance(one.fill, OwnKey)}
    typed = [call("sa.column", string(name), type_of(type_)) for name, type_ in {**keys, **columns}.items()]
    yield Statement(call("sa.table", string(table), *typed), before=f"{rows} = ")

    if any(map(_draws, changes)):
        yield from _random_uuid()
    fresh = {one.column.name: _value(rows, one, imports) for one in changes if one.fresh}
    if fresh:
        yield _execute(_values(f"{rows}.update()", fresh))
    for change in changes:
        name = change.column.name
        if change.fill is not None and not change.fresh:
            yield _execute(_where(rows, f"{_c(rows, name)}.is_(None)", {name: _value(rows, change, imports)}))
        if change.relabelled and change.column.type.name == "json":
            prepare, condition, value = relabel_items(_c(rows, name), dict(change.relabelled))
            yield from prepare
            yield _execute(_where(rows, condition, {name: value}))
        elif change.relabelled:
            yield _execute(_relabel(rows, change))


def delete_marked(operation: DeleteMarked) -> Expression:
    """The DELETE, to be executed."""
    table, chosen = operation.table, Group(f"sa.column({string(operation.mark)}).is_not", ("None",))
    for other, column in operation.referring:
        source = f".select_from(sa.table({string(table)}))"
        keys = Chain('sa.select(sa.column("id"))', (source, call(".where", chosen)))
        table, chosen = other, call(f"sa.column({string(column)}).in_", keys)
    return call("op.execute", _delete(table, chosen))


def _delete(table: str, where: Expression) -> Expression:
    return call(f"sa.delete(sa.table({string(table)})).where", where)


def _draws(change: RowChange) -> bool:
    return isinstance(change.fill, OwnKey) and change.column.type.name == "uuid"


def _variable(table: str) -> str:
    """The name of the table where it can be a variable and is short enough to be read often."""
    usable = _is_plain(table) and table not in _TAKEN and len(table) <= 30
    return table if usable else "rows"


def literal(value: object, imports: Imports) -> Expression:
    """The value as source."""
    match value:
        case str():
            return string(value)
        case Decimal():
            imports.add("decimal", "Decimal")
            return f"Decimal({int(value) if value == int(value) else string(str(value))})"
        case datetime():
            imports.add("datetime", "UTC", "datetime")
            parts = (*value.timetuple()[:6], value.microsecond)
            return call("datetime", *map(str, parts), "tzinfo=UTC")
        case date():
            imports.add("datetime", "date")
            return call("date", *map(str, value.timetuple()[:3]))
        case time():
            imports.add("datetime", "time")
            return call("time", *map(str, (value.hour, value.minute, value.second, value.microsecond)))
        case UUID():
            imports.add("uuid", "UUID")
            return f"UUID({string(str(value))})"
        case bytes():
            return f"bytes.fromhex({string(value.hex())})" if value else 'b""'
        case list():
            return listing([_text(one, imports) for one in value])
        case dict():
            return Group(
                "", tuple(f"{string(key)}: {_text(one, imports)}" for key, one in value.items()), "{", "}"
            )
        case _:
            return repr(value)


def _text(value: object, imports: Imports) -> str:
    """A literal that stays on its line."""
    match literal(value, imports):
        case str() as text:
            return text
        case Group(prefix, items, opening, closing):
            return f"{prefix}{opening}{', '.join(map(str, items))}{closing}"
        case other:
            return str(other)


def _random_uuid() -> Iterator[Statement]:
    """Each database draws UUIDs in its own way."""
    known = (
        '"postgresql": sa.func.gen_random_uuid()',
        '"sqlite": sa.func.lower(sa.func.hex(sa.func.randomblob(16)))',
    )
    yield Statement(Group("", known, "{", "}", spread=True), before="known = ")
    yield Statement(call("sa.func.replace", "sa.func.uuid()", '"-"', '""'), before="on_mysql = ")
    yield Statement("known.get(op.get_context().dialect.name, on_mysql)", before="random_uuid = ")


def _value(rows: str, change: RowChange, imports: Imports) -> Expression:
    type_ = change.column.type
    match change.fill:
        case Constant(value):
            return literal(value, imports)
        case Now():
            return "sa.func.current_date()" if type_.name == "date" else "sa.func.now()"
        case OwnKey() if _draws(change):
            return "random_uuid"
        case OwnKey(key, offset):
            own = f"{_c(rows, key)} + {offset}" if offset else _c(rows, key)
            return own if type_.name in _NUMBERS else call("sa.cast", own, "sa.String()")
        case FirstRow(table, column):
            first = f"sa.select(sa.func.min(sa.column({string(column)})))"
            return Chain(first, (call(".select_from", f"sa.table({string(table)})"), ".scalar_subquery()"))
        case None:
            raise ValueError(f"{change.column.name} has nothing to be filled with")


def _relabel(rows: str, change: RowChange) -> Expression:
    name, pairs = change.column.name, dict(change.relabelled)
    if len(pairs) == 1:
        (old, new), *_ = pairs.items()
        return _where(rows, f"{_c(rows, name)} == {string(old)}", {name: string(new)})
    mapping = Group("", tuple(f"{string(old)}: {string(new)}" for old, new in pairs.items()), "{", "}")
    case = call("sa.case", mapping, f"value={_c(rows, name)}")
    return _where(rows, call(f"{_c(rows, name)}.in_", listing([string(old) for old in pairs])), {name: case})


def _execute(expression: Expression) -> Statement:
    return Statement(call("op.execute", expression))


def _where(rows: str, where: Expression, values: Mapping[str, Expression]) -> Chain:
    return Chain(f"{rows}.update()", (call(".where", where), _values("", values)))


def _values(prefix: str, values: Mapping[str, Expression]) -> Expression:
    if all(map(_is_plain, values)):
        return call(f"{prefix}.values", *(_named(f"{name}=", value) for name, value in values.items()))
    pairs = tuple(_named(f"{string(name)}: ", value) for name, value in values.items())
    return call(f"{prefix}.values", Group("", pairs, "{", "}"))


def _named(name: str, value: Expression) -> Expression:
    match value:
        case Group():
            return replace(value, prefix=name + value.prefix)
        case Chain():
            return replace(value, root=name + value.root)
        case text:
            return name + text


def _c(rows: str, column: str) -> str:
    return f"{rows}.c.{column}" if _is_plain(column) else f"{rows}.c[{string(column)}]"


def _is_plain(column: str) -> bool:
    usable = column.isidentifier() and column.isascii() and not column.startswith("_")
    return usable and not keyword.iskeyword(column) and column not in _COLLECTION
