"""What differs between the database servers that migrations run on: the statements that only one of them understands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import URL

STATEMENT_SECONDS = 5
"""How long a question to somebody's database may take."""


@dataclass(frozen=True, slots=True)
class Engine:
    """`{name}` stands for a database whose name needs no quotes.

    `maintenance` is a database that everybody may connect to while making others. `connect` are arguments of the driver,
    which make it read SQL as the others do; `read_only` keeps a connection from writing. `identity` tells a database from
    another one of the same name. `transactional`: a revision is applied whole or not at all.
    """

    maintenance: str
    create: str
    drop: str
    scratch_names: str
    empty: tuple[str, ...]
    connect: Mapping[str, str]
    read_only: tuple[str, ...]
    identity: str
    transactional: bool


POSTGRESQL = Engine(
    maintenance="postgres",
    create="CREATE DATABASE {name} TEMPLATE template0",
    # Not by FORCE: a role that is no superuser may not end autovacuum, which goes by itself for a plain one.
    drop="DROP DATABASE IF EXISTS {name}",
    scratch_names=r"SELECT datname FROM pg_database WHERE datname LIKE 'kit\_%\_scratch'",
    empty=("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"),
    connect={},
    read_only=(
        f"SET statement_timeout = '{STATEMENT_SECONDS}s'",
        "SET default_transaction_read_only = on",
    ),
    identity=(
        "SELECT concat_ws(':', 'postgresql', current_setting('server_version_num'), datname, oid)"
        " FROM pg_database WHERE datname = current_database()"
    ),
    transactional=True,
)
MYSQL = Engine(
    maintenance="information_schema",
    create="CREATE DATABASE {name} CHARACTER SET utf8mb4",
    drop="DROP DATABASE IF EXISTS {name}",
    scratch_names=(
        r"SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'kit\_%\_scratch'"
    ),
    empty=("DROP DATABASE {name}", "CREATE DATABASE {name} CHARACTER SET utf8mb4", "USE {name}"),
    connect={"init_command": "SET SESSION sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES'"},
    read_only=(
        f"SET SESSION max_execution_time = {1000 * STATEMENT_SECONDS}",
        "SET SESSION TRANSACTION READ ONLY",
    ),
    # MySQL numbers no databases: the version table, which nothing alters, dates this one.
    identity=(
        "SELECT concat_ws(':', 'mysql', @@hostname, @@port, version(), database(), (SELECT create_time"
        " FROM information_schema.tables WHERE table_schema = database() AND table_name = 'alembic_version'))"
    ),
    transactional=False,
)
MARIADB = replace(
    MYSQL, read_only=(f"SET SESSION max_statement_time = {STATEMENT_SECONDS}", MYSQL.read_only[-1])
)
_BY_BACKEND = {"postgresql": POSTGRESQL, "mysql": MYSQL, "mariadb": MARIADB}


def engine_at(url: "URL") -> Engine:
    """The kind of server at an address. KeyError for one that migrations do not know."""
    return _BY_BACKEND[url.get_backend_name()]


def engine_of(connection: "Connection") -> Engine:
    """The kind of server behind a connection: a MariaDB may be addressed as a MySQL."""
    return (
        MARIADB if getattr(connection.dialect, "is_mariadb", False) else _BY_BACKEND[connection.dialect.name]
    )


def is_mysql(dialect: str) -> bool:
    """Whether a dialect is that of MySQL or MariaDB."""
    return dialect in {"mysql", "mariadb"}
