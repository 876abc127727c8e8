"""Tables as the earlier steps of a plan will leave them, without running these steps: subqueries that stand for them.

For a database that a plan reads and must not change. In the child only.
"""

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    String,
    case,
    column,
    inspect,
    literal,
    literal_column,
    null,
    select,
    table,
)

_LITERAL = {"literal_binds": True}


class Foreseen:
    """For each table, what to ask instead of it. The methods are the steps that change a table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._views: dict[str, FromClause] = {}

    def table(self, name: str) -> FromClause:
        return self._views.get(name, table(name))

    def add(self, name: str, added: str, default: Any) -> None:
        """A new column; existing rows get `default`, a text or an expression, or null for None."""
        value = default if isinstance(default, ColumnElement) else self._text(literal(str(default), String()))
        self._become(name, {**self._columns(name), added: null() if default is None else value})

    def rename(self, name: str, old: str, new: str) -> None:
        columns = self._columns(name)
        self._become(name, {new if one == old else one: value for one, value in columns.items()})

    def move(self, name: str, new: str) -> None:
        columns = self._columns(name)
        self._views[new] = select(*columns.values()).select_from(self.table(name)).subquery(new)

    def drop(self, name: str, dropped: str) -> None:
        columns = self._columns(name)
        self._become(name, {one: value for one, value in columns.items() if one != dropped})

    def update(self, statement: Any) -> None:
        """The rows after an UPDATE of one table."""
        columns = self._columns(statement.table.name)
        where = statement.whereclause
        for target, value in (statement._values or {}).items():  # noqa: SLF001 -- there is no other way to read them
            name = getattr(target, "name", target)
            # Otherwise the type of a value would come with the statement's own compilation.
            if isinstance(value, BindParameter):
                value = literal(value.value, statement.table.c[name].type)  # noqa: PLW2901
            changed = self._text(value)
            kept = columns.get(name, null())
            columns[name] = changed if where is None else case((self._text(where), changed), else_=kept)
        self._become(statement.table.name, columns)

    def delete(self, statement: Any) -> None:
        """The rows that a DELETE from one table leaves."""
        name, where = statement.table.name, statement.whereclause
        gone = literal_column("1") if where is None else case((self._text(where), 1), else_=0)
        columns, source = self._columns(name), self.table(name)
        self._views[name] = select(*columns.values()).select_from(source).where(gone != 1).subquery(name)

    def _columns(self, name: str) -> dict[str, ColumnElement[Any]]:
        if name in self._views:
            return {one.name: column(one.name) for one in self._views[name].c}
        return {one["name"]: column(one["name"]) for one in inspect(self._connection).get_columns(name)}

    def _become(self, name: str, columns: dict[str, ColumnElement[Any]]) -> None:
        source = self.table(name)
        labelled = (value.label(one) for one, value in columns.items())
        self._views[name] = select(*labelled).select_from(source).subquery(name)

    def _text(self, expression: Any) -> ColumnElement[Any]:
        """As text, so that `products.price` means the view and not the table of the revision."""
        dialect = self._connection.dialect
        text = str(expression.compile(dialect=dialect, compile_kwargs=_LITERAL))
        if dialect.paramstyle in ("format", "pyformat"):
            # Doubled for the driver, as will be done again with the whole query.
            text = text.replace("%%", "%")
        return literal_column(f"({text})")
