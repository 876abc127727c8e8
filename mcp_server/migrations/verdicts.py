"""One verdict per operation, decided from Alembic's operation objects and counted rows. In the child only.

Lock and rewrite rules are those of PostgreSQL's ALTER TABLE documentation and of MySQL's "Online DDL Operations"; SQLite
locks the whole database for the length of a migration, so only what happens to rows counts there. What cannot be read
(SQL text) is taken for the worst.
"""

from collections.abc import Callable, Iterator
from functools import singledispatchmethod
from typing import Any

from alembic.operations import ops
from sqlalchemy import (
    CheckConstraint,
    Column,
    DefaultClause,
    Delete,
    ForeignKeyConstraint,
    FunctionElement,
    Insert,
    PrimaryKeyConstraint,
    UniqueConstraint,
    Update,
    types,
)
from sqlalchemy.sql.functions import now

from mcp_server.migrations.counts import Counts
from mcp_server.migrations.engines import is_mysql
from mcp_server.migrations.results import VERDICTS, Judgement, Verdict
from mcp_server.migrations.type_changes import cost, misfits


class Judge:
    """Knows the tables that the plan itself creates: nothing is at stake in them."""

    def __init__(self, dialect: str, counts: Callable[[], Counts]) -> None:
        self._dialect = dialect
        self._postgresql = dialect == "postgresql"
        self._mysql = is_mysql(dialect)
        self._counts = counts
        self._new: set[str] = set()

    def rows(self, table: str) -> int | None:
        return 0 if table in self._new else self._counts().rows(table)

    def rebuild(self, table: str) -> Judgement:
        """A batch change that copies the whole table (SQLite)."""
        rows = self.rows(table)
        verdict: Verdict = "safe" if rows == 0 else "rewrites"
        return Judgement(f"rebuild {table}", verdict, "SQLite copies the table to change it", rows)

    def foresee(self, operation: object) -> None:
        """Judge what comes next as if `operation` (or an UPDATE) had run, where it did not."""
        counts = self._counts()
        match operation:
            case ops.AddColumnOp(table_name=table, column=column):
                default = getattr(column.server_default, "arg", None)
                counts.foresee(lambda seen: seen.add(table, column.name, default))
            case ops.DropColumnOp(table_name=table, column_name=name):
                counts.foresee(lambda seen: seen.drop(table, name))
            case ops.AlterColumnOp(table_name=table, column_name=name, modify_name=str() as new):
                counts.foresee(lambda seen: seen.rename(table, name, new))
            case ops.RenameTableOp(table_name=table, new_table_name=new):
                counts.foresee(lambda seen: seen.move(table, new))
            case Update():
                counts.foresee(lambda seen: seen.update(operation))
            case Delete():
                counts.foresee(lambda seen: seen.delete(operation))

    def statement(self, statement: Any) -> Judgement:
        """SQL that a revision runs itself."""
        if isinstance(statement, Insert):
            return Judgement("insert", "safe", "adds rows")
        if isinstance(statement, Update):
            table = getattr(statement.table, "name", "?")
            return Judgement(f"update {table}", "rewrites", "changes rows in place", self.rows(table))
        if isinstance(statement, Delete):
            table, where = getattr(statement.table, "name", "?"), statement.whereclause
            rows = self.rows(table) if where is None else self._counts().matching(table, where)
            if rows == 0:
                return Judgement(f"delete {table}", "safe", "no row is concerned", 0)
            return Judgement(f"delete {table}", "loses_data", "rows go for good", rows)
        return Judgement(
            "execute", "loses_data", "SQL text is not read by the plan: read it before you apply"
        )

    @singledispatchmethod
    def judge(self, operation: object) -> Judgement:
        """The verdict of one Alembic operation, about to run."""
        return Judgement(
            type(operation).__name__, "loses_data", "this kind of operation is not known to the plan"
        )

    @judge.register
    def _(self, operation: ops.CreateTableOp) -> Judgement:
        self._new.add(operation.table_name)
        return Judgement(f"create_table {operation.table_name}", "safe", "a new table", 0)

    @judge.register
    def _(self, operation: ops.DropTableOp) -> Judgement:
        name = f"drop_table {operation.table_name}"
        rows = self.rows(operation.table_name)
        self._new.discard(operation.table_name)
        if rows == 0:
            return Judgement(name, "safe", "the table is empty", 0)
        return Judgement(name, "loses_data", "the rows go with the table", rows)

    @judge.register
    def _(self, operation: ops.RenameTableOp) -> Judgement:
        name = f"rename_table {operation.table_name} to {operation.new_table_name}"
        if operation.table_name in self._new:
            self._new.add(operation.new_table_name)
        return Judgement(name, "safe", "keeps the rows; running code that uses the old name fails")

    @judge.register
    def _(self, operation: ops.AddColumnOp) -> Judgement:
        column, table = operation.column, operation.table_name
        name = f"add_column {table}.{column.name}"
        rows = self.rows(table)
        if rows == 0:
            return Judgement(name, "safe", "the table is empty", 0)
        if not column.nullable and column.server_default is None and column.computed is None:
            reason = "existing rows get no value for a column that is not null"
            if self._mysql:  # strict mode is about INSERT and UPDATE, not about ALTER TABLE
                reason = "existing rows silently get 0 or an empty text, or it fails for want of such a value"
            return Judgement(name, "may_fail", reason, rows)
        if (self._postgresql or self._mysql) and (column.computed is not None or _volatile_default(column)):
            return Judgement(name, "rewrites", "each row gets a value of its own", rows)
        return Judgement(name, "safe", "existing rows get null or the constant default", rows)

    @judge.register
    def _(self, operation: ops.DropColumnOp) -> Judgement:
        table, column = operation.table_name, operation.column_name
        name = f"drop_column {table}.{column}"
        values = 0 if table in self._new else self._counts().values(table, column)
        if values == 0:
            return Judgement(name, "safe", "the column holds no value", 0)
        return Judgement(name, "loses_data", "the values go with the column", values)

    @judge.register
    def _(self, operation: ops.AlterColumnOp) -> Judgement:
        table, column = operation.table_name, operation.column_name
        name = f"alter_column {table}.{column}"
        rows = self.rows(table)
        if rows == 0:
            return Judgement(name, "safe", "the table is empty", 0)
        found = [Judgement(name, "safe", "changes the definition only", rows)]
        if operation.modify_type is not None:
            found += self._type_change(operation, name, rows)
        if operation.modify_nullable is False:
            nulls = self._counts().nulls(table, column)
            reason = "there are rows with null" if nulls else "rows with null would make it fail"
            verdict: Verdict = "may_fail" if nulls != 0 else self._checking()
            found.append(
                Judgement(name, verdict, reason if nulls != 0 else "no row has null; all are read", nulls)
            )
        if operation.modify_name is not None:
            reason = f"becomes {operation.modify_name}; running code that uses the old name fails"
            found.append(Judgement(name, "safe", reason, rows))
        return _worst(found)

    def _type_change(self, operation: ops.AlterColumnOp, name: str, rows: int | None) -> Iterator[Judgement]:
        old, new = operation.existing_type, types.to_instance(operation.modify_type)
        kinds = misfits(self._dialect, operation.column_name, old, new)
        if kinds is None:
            was = "another type" if old is None else str(old)
            yield Judgement(name, "loses_data", f"{was} becomes {new}: values may be cut or refused", rows)
            return
        yield Judgement(name, cost(self._dialect, old, new), "every value still fits", rows)
        for kind in kinds:
            bad = self._counts().matching(operation.table_name, kind.condition)
            if bad != 0:
                verdict: Verdict = "may_fail" if kind.refused and self._dialect != "sqlite" else "loses_data"
                yield Judgement(name, verdict, kind.reason, bad)

    @judge.register
    def _(self, operation: ops.CreateIndexOp) -> Judgement:
        table = operation.table_name
        name = f"create_index {operation.index_name}"
        rows = self.rows(table)
        if rows == 0:
            return Judgement(name, "safe", "the table is empty", 0)
        if operation.unique:
            names = [one if isinstance(one, str) else getattr(one, "name", None) for one in operation.columns]
            columns = [str(one) for one in names if one]
            judged = self._unique(name, table, columns if len(columns) == len(names) else [])
            if judged.verdict == "may_fail":
                return judged
        if self._postgresql and not operation.kw.get("postgresql_concurrently"):
            return Judgement(name, "locks", "nobody can write to the table while it is built", rows)
        return Judgement(name, "safe", "rows stay as they are", rows)

    @judge.register
    def _(self, operation: ops.DropIndexOp) -> Judgement:
        return Judgement(f"drop_index {operation.index_name}", "safe", "rows stay as they are")

    @judge.register
    def _(self, operation: ops.AddConstraintOp) -> Judgement:
        constraint: Any = operation.to_constraint()
        table: str = constraint.table.name
        name = f"add_constraint {constraint.name}"
        rows = self.rows(table)
        if rows == 0:
            return Judgement(name, "safe", "the table is empty", 0)
        columns = [one.name for one in constraint.columns]
        if isinstance(constraint, UniqueConstraint | PrimaryKeyConstraint):
            return self._unique(name, table, columns)
        if isinstance(constraint, ForeignKeyConstraint):
            parent, keys = (
                constraint.elements[0].column.table.name,
                [one.column.name for one in constraint.elements],
            )
            bad = self._counts().orphans(table, columns, parent, keys)
            return self._checked(name, bad, "rows that refer to nothing")
        if isinstance(constraint, CheckConstraint):
            bad = self._counts().violations(table, str(constraint.sqltext.compile(compile_kwargs=_LITERAL)))
            return self._checked(name, bad, "rows that break the condition")
        return Judgement(name, "may_fail", "existing rows may break it", rows)

    @judge.register
    def _(self, operation: ops.DropConstraintOp) -> Judgement:
        return Judgement(f"drop_constraint {operation.constraint_name}", "safe", "rows stay as they are")

    @judge.register
    def _(self, operation: ops.BulkInsertOp) -> Judgement:
        name = f"bulk_insert {getattr(operation.table, 'name', '?')}"
        return Judgement(name, "safe", "adds rows", len(operation.rows))

    @judge.register
    def _(self, operation: ops.ExecuteSQLOp) -> Judgement:
        return self.statement(operation.sqltext)

    @judge.register(ops.CreateTableCommentOp)
    @judge.register(ops.DropTableCommentOp)
    def _(self, operation: ops.CreateTableCommentOp | ops.DropTableCommentOp) -> Judgement:
        return Judgement(f"comment {operation.table_name}", "safe", "a comment")

    def _unique(self, name: str, table: str, columns: list[str]) -> Judgement:
        return self._checked(
            name, self._counts().duplicates(table, columns) if columns else None, _DUPLICATES
        )

    def _checking(self) -> Verdict:
        """What it means to look at every row: PostgreSQL locks the table meanwhile, MySQL copies it."""
        return "locks" if self._postgresql else "rewrites" if self._mysql else "safe"

    def _checked(self, name: str, bad: int | None, what: str) -> Judgement:
        """A constraint that every row must meet: counted beforehand."""
        if bad == 0:
            # MySQL builds indexes, unique ones too, while others write.
            verdict: Verdict = "safe" if self._mysql and what == _DUPLICATES else self._checking()
            return Judgement(name, verdict, f"no {what}; every row is read", 0)
        return Judgement(name, "may_fail", f"{what} make it fail", bad)


_LITERAL = {"literal_binds": True}
_DUPLICATES = "duplicates"


def _volatile_default(column: "Column[Any]") -> bool:
    """A default that PostgreSQL computes for each row. `now()` is the same for all rows of a transaction."""
    default = column.server_default
    if not isinstance(default, DefaultClause):
        return default is not None
    return isinstance(default.arg, FunctionElement) and not isinstance(default.arg, now)


def _worst(judgements: list[Judgement]) -> Judgement:
    return max(judgements, key=lambda one: VERDICTS.index(one.verdict))
