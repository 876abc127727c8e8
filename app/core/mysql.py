"""MySQL 8 and MariaDB 10.11: what makes them store and compare as SQLite and PostgreSQL do.

Models, revisions and queries are written without a thought of them: what SQLAlchemy makes of generic types and of NULLS
FIRST on MySQL is said once, below.
"""

import math
from typing import Any

from sqlalchemy import JSON, DateTime, LargeBinary, String, Text, Time, UnaryExpression
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql.operators import nulls_first_op, nulls_last_op

BACKENDS = ("mysql", "mariadb")
"""Both work on either server; SQL that is written without a connection needs the name of the right one."""

WHOLE_CHARACTERS = 768
"""Longer strings are kept beside the row: it has 65,535 bytes for all its VARCHARs. An index takes no more than these."""

_MODES = (
    "STRICT_ALL_TABLES",  # what does not fit is an error, never cut
    "NO_ZERO_DATE",
    "NO_ZERO_IN_DATE",
    "ERROR_FOR_DIVISION_BY_ZERO",
    "NO_ENGINE_SUBSTITUTION",
    "ANSI_QUOTES",  # "order" is a column, as elsewhere
    "ONLY_FULL_GROUP_BY",
)
_RULES_BROKEN = (3819, 4025)
"""A CHECK refuses a row, on MySQL and on MariaDB."""
_TOO_DEEP = 3008
"""MySQL follows no cascade any further; MariaDB passes on InnoDB's own number, 193, as an error of the engine."""
_ENGINE_ERROR = 1296
_NOT_PREPARED = (
    1049,  # no such database
    1146,  # no such table
)
_PASSING = (
    1040,  # too many connections
    1053,  # the server shuts down
    1203,  # too many connections of this user
    1205,  # a lock was not given in time
    1213,  # a deadlock, resolved by rolling this transaction back
    1305,  # the savepoint to go back to went with the transaction that a deadlock ended
    1317,  # interrupted
    1927,  # the connection was killed
    1969,  # the statement took too long: MariaDB
    3024,  # and MySQL
    2002,  # nobody listens
    2003,
    2006,  # the connection is gone
    2013,
    2014,
    2055,
)


def engine_options(timeout_seconds: float, statement_seconds: float) -> dict[str, Any]:
    """What `create_async_engine` needs. A lock is waited for as long as a connection is, not MySQL's 50 seconds."""
    wait = max(1, math.ceil(timeout_seconds))
    session = (
        f"SET SESSION sql_mode = '{','.join(_MODES)}', time_zone = '+00:00', innodb_lock_wait_timeout = {wait}"
        # Comments that one of them reads: MariaDB stops every statement, MySQL those that only read.
        f" /*M!100101 , max_statement_time = {statement_seconds:.3f} */"
        f" /*!80000 , max_execution_time = {math.ceil(statement_seconds * 1000)} */"
    )
    return {
        "connect_args": {"charset": "utf8mb4", "connect_timeout": wait, "init_command": session},
        # InnoDB's REPEATABLE READ locks the gaps between rows, so that inserts side by side end in deadlocks.
        "isolation_level": "READ COMMITTED",
    }


def is_mistake(error: DBAPIError) -> bool:
    """Whether MySQL will refuse this again and again. The loser of a deadlock, for one, may win the next time.

    The class of the error does not tell: what the driver has no class for is operational, mistakes in SQL included.
    """
    number = _number(error.orig)
    return isinstance(number, int) and number not in _PASSING


def lacks_tables(error: DBAPIError) -> bool:
    """Whether the database, or a table of it, is not there."""
    return _number(error.orig) in _NOT_PREPARED


def cascades_too_deep(error: BaseException | None) -> bool:
    """Whether a deletion would cascade through more levels than the 15 that InnoDB follows."""
    number = _number(error)
    return number == _TOO_DEEP or (number == _ENGINE_ERROR and "error 193 " in str(error))


def as_broken_rule(context: ExceptionContext) -> IntegrityError | None:
    """What the tables' rules refuse is an IntegrityError, as on every other database. For the event `handle_error`."""
    error = context.original_exception
    if isinstance(error, Exception) and (_number(error) in _RULES_BROKEN or cascades_too_deep(error)):
        return IntegrityError(context.statement, None, error, hide_parameters=True)
    return None


def _number(error: BaseException | None) -> object:
    return error.args[0] if error is not None and error.args else None


@compiles(CreateTable, *BACKENDS)
def _create_table(element: CreateTable, compiler: Any, **options: Any) -> str:
    """Texts are equal when all their characters are, blanks at the end included; the server's default ignores case."""
    collation = "utf8mb4_nopad_bin" if compiler.dialect.is_mariadb else "utf8mb4_0900_bin"
    sql: str = compiler.visit_create_table(element, **options)
    return f"{sql.rstrip()} ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE {collation}\n\n"


@compiles(DateTime, *BACKENDS)
def _datetime(_type: DateTime, _compiler: Any, **_options: Any) -> str:
    return "DATETIME(6)"  # microseconds; without the digits, whole seconds


@compiles(Time, *BACKENDS)
def _time(_type: Time, _compiler: Any, **_options: Any) -> str:
    return "TIME(6)"


@compiles(String, *BACKENDS)
def _string(type_: String, compiler: Any, **options: Any) -> str:
    if type_.length is not None and type_.length <= WHOLE_CHARACTERS:
        return str(compiler.visit_string(type_, **options))
    return "LONGTEXT"


@compiles(JSON, *BACKENDS)
@compiles(Text, *BACKENDS)
def _text(_type: Text | JSON, _compiler: Any, **_options: Any) -> str:
    """TEXT ends after 65,535 bytes. JSON stays the text that was sent: MySQL sorts keys, MariaDB refuses depth 33."""
    return "LONGTEXT"


@compiles(LargeBinary, *BACKENDS)
def _large_binary(_type: LargeBinary, _compiler: Any, **_options: Any) -> str:
    return "LONGBLOB"  # BLOB ends after 65,535 bytes


@compiles(UnaryExpression, *BACKENDS)
def _unary(element: UnaryExpression[Any], compiler: Any, **options: Any) -> str:
    """NULLS FIRST and NULLS LAST, which MySQL does not have, as an order by whether there is a value."""
    sql = str(compiler.visit_unary(element, **options))
    if element.modifier not in {nulls_first_op, nulls_last_op}:
        return sql
    ordered: Any = element.element
    value = compiler.process(getattr(ordered, "element", ordered), **options)
    direction = "DESC" if element.modifier is nulls_first_op else "ASC"
    return f"{value} IS NULL {direction}, {compiler.process(ordered, **options)}"
