"""One difference between two real databases is one difference of their facts, told with table and name."""

import asyncio
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Connection

from mcp_server.migrations.engines import engine_of
from mcp_server.migrations.facts import Facts, read_facts
from mcp_server.migrations.scratch import on_scratch_server, on_sqlite
from mcp_server.migrations.strict_compare import differences

TABLE = """CREATE TABLE things (id int NOT NULL, code varchar(20) NOT NULL, price numeric(10, 2), parent_id int,
other_id int DEFAULT 0, kind varchar(9) {}, CONSTRAINT pk_things PRIMARY KEY (id), CONSTRAINT uq_one UNIQUE (code, kind),
CONSTRAINT ck_kind CHECK (kind IN ('a', 'b')), CONSTRAINT ck_price CHECK (price >= 0),
CONSTRAINT fk_parent FOREIGN KEY (parent_id) REFERENCES things (id) ON DELETE CASCADE)"""
INDEX = "CREATE INDEX ix_things ON things (code, price)"
SQLITE, POSTGRESQL, MYSQL = "sqlite", "postgresql", "mysql"


@dataclass(frozen=True)
class Planted:
    """`old` in the table or index becomes `new`; `column` is what both databases say of the column `kind`."""

    what: str
    old: str
    new: str
    kind: str
    place: str
    engines: tuple[str, ...] = (SQLITE, POSTGRESQL, MYSQL)
    column: str = field(default="")


PLANTED = (
    Planted("a label", "'a', 'b'", "'a', 'b', 'c'", "check", "things.ck_kind"),
    Planted("the spelling of a label", "'a', 'b'", "'A', 'b'", "check", "things.ck_kind"),
    Planted("the text of a check", "price >= 0", "price > 0", "check", "things.ck_price"),
    Planted("a server default", "DEFAULT 0", "DEFAULT 1", "column", "things.other_id"),
    Planted("no server default", " DEFAULT 0", "", "column", "things.other_id"),
    Planted("the type of a default", "DEFAULT 'a'", "DEFAULT 'b'", "column", "things.kind", column="DEFAULT 'a'"),
    Planted("the action of a foreign key", "CASCADE", "SET NULL", "foreign key", "things(parent_id)"),
    Planted("the other action", "ON DELETE CASCADE", "ON DELETE CASCADE ON UPDATE CASCADE", "foreign key", "things(parent_id)"),
    Planted("null", "code varchar(20) NOT NULL", "code varchar(20)", "column", "things.code"),
    Planted("a length", "varchar(20)", "varchar(21)", "column", "things.code"),
    Planted("a precision", "numeric(10, 2)", "numeric(11, 2)", "column", "things.price"),
    Planted("a scale", "numeric(10, 2)", "numeric(10, 3)", "column", "things.price"),
    Planted("a type", "other_id int", "other_id bigint", "column", "things.other_id"),
    Planted("the name of a unique rule", "uq_one", "uq_two", "unique", "things(code, kind)"),
    Planted("the name of a foreign key", "fk_parent", "fk_other", "foreign key", "things(parent_id)", (SQLITE, POSTGRESQL)),
    Planted("the name of the primary key", "pk_things", "pk_all", "primary key", "things", (SQLITE, POSTGRESQL)),
    Planted("the order of an index", "(code, price)", "(price, code)", "index", "things.ix_things"),
    Planted("the direction of an index", "(code, price)", "(code, price DESC)", "index", "things.ix_things"),
    Planted("an expression", "(code, price)", "(lower(code), price)", "index", "things.ix_things", (SQLITE, POSTGRESQL)),
    Planted("a predicate", "(code, price)", "(code, price) WHERE price > 0", "index", "things.ix_things", (SQLITE, POSTGRESQL)),
    Planted("a collation", "NOCASE", "RTRIM", "column", "things.kind", (SQLITE,), "COLLATE NOCASE"),
    Planted("a collation", '"C"', '"POSIX"', "column", "things.kind", (POSTGRESQL,), 'COLLATE "C"'),
    Planted("a collation", "utf8mb4_bin", "utf8mb4_general_ci", "column", "things.kind", (MYSQL,), "COLLATE utf8mb4_bin"),
    Planted("what a column is computed from", "lower(code)", "upper(code)", "column", "things.kind", column="GENERATED ALWAYS AS (lower(code)) STORED"),
    Planted("when a foreign key is looked at", "CASCADE)", "CASCADE DEFERRABLE INITIALLY DEFERRED)", "foreign key", "things(parent_id)", (SQLITE, POSTGRESQL)),
    Planted("which rows a constraint compares", "UNIQUE (", "UNIQUE NULLS NOT DISTINCT (", "unique", "things(code, kind)", (POSTGRESQL,)),
)  # fmt: skip


def planted(engine: str) -> pytest.MarkDecorator:
    cases = [one for one in PLANTED if engine in one.engines]
    return pytest.mark.parametrize("case", cases, ids=[one.what for one in cases])


def found(connection: Connection, case: Planted) -> list[tuple[str, str]]:
    table = TABLE.format(case.column)
    assert (table + INDEX).count(case.old) >= 1
    one = facts(connection, table, INDEX)
    other = facts(connection, table.replace(case.old, case.new), INDEX.replace(case.old, case.new))
    assert differences(one, facts(connection, table, INDEX)) == []
    return [(each.kind, each.place) for each in differences(one, other)]


def facts(connection: Connection, *statements: str) -> Facts:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TABLE IF EXISTS things")
    else:
        for statement in engine_of(connection).empty:
            connection.exec_driver_sql(statement.format(name=connection.engine.url.database))
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.commit()
    return read_facts(connection)


@planted("sqlite")
def test_on_sqlite(case: Planted) -> None:
    assert on_sqlite(lambda connection: found(connection, case)) == [(case.kind, case.place)]


@planted("postgresql")
async def test_on_postgresql(server: str, case: Planted) -> None:
    there = await asyncio.to_thread(on_scratch_server, server, lambda connection: found(connection, case))
    assert there == [(case.kind, case.place)]


@planted("mysql")
async def test_on_mysql(mysql_server: str, case: Planted) -> None:
    there = await asyncio.to_thread(
        on_scratch_server, mysql_server, lambda connection: found(connection, case)
    )
    assert there == [(case.kind, case.place)]


async def test_the_labels_of_a_native_enum(server: str) -> None:
    def labels(connection: Connection) -> list[str]:
        one = facts(connection, "CREATE TYPE kind AS ENUM ('a', 'b')")
        return [
            str(each) for each in differences(one, facts(connection, "CREATE TYPE kind AS ENUM ('a', 'c')"))
        ]

    (said,) = await asyncio.to_thread(on_scratch_server, server, labels)
    assert said == "type kind.labels: the revisions give a, b, the models say a, c"
