"""The schema of a database as comparable facts. In the child only.

Read from the system catalogs rather than through reflection: a few statements for any number of tables, and nothing is
lost on the way (predicates of indexes, text of checks, actions of foreign keys).
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, text

from mcp_server.migrations.sql_tokens import constraints, normal, tokens, unlisted

Facts = dict[str, dict[str, str]]
"""Table (or `type <name>`) -> what (`column price`, `check ck_products_price`) -> its definition."""

VERSION_TABLE = "alembic_version"


def read_facts(connection: Connection) -> Facts:
    """All tables but Alembic's own. Ends the transaction it reads in, unless the caller had begun one."""
    begun = connection.in_transaction()
    match connection.dialect.name:
        case "sqlite":
            facts = _sqlite(connection)
        case "postgresql":
            facts = _postgresql(connection)
        case _:
            facts = _mysql(connection)
    if not begun:
        connection.rollback()
    facts.pop(VERSION_TABLE, None)
    return facts


def _rows(connection: Connection, sql: str) -> list[Any]:
    return list(connection.execute(text(sql)).all())


def _sqlite(connection: Connection) -> Facts:
    tables = dict(
        _rows(
            connection,
            r"SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'",
        )
    )
    facts: Facts = {name: {} for name in tables}
    named: dict[tuple[str, str, str], str] = {}
    for table, sql in tables.items():
        for name, kind, inner in constraints(sql):
            if kind == "check":
                facts[table][f"check {name or inner}"] = inner
            elif kind == "autoincrement":
                facts[table][kind] = "yes"
            else:
                named[table, kind, inner] = name
    rest = {table: unlisted(sql) for table, sql in tables.items()}
    _sqlite_columns(connection, facts, named, rest)
    _sqlite_keys(connection, facts, named, rest)
    _sqlite_indexes(connection, facts, named)
    return facts


def _sqlite_columns(
    connection: Connection,
    facts: Facts,
    named: Mapping[tuple[str, str, str], str],
    rest: Mapping[str, Mapping[str, str]],
) -> None:
    keys: dict[str, list[tuple[int, str]]] = {}
    sql = """SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden
             FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE m.type = 'table'"""
    for table, column, type_, notnull, default, key, hidden in _rows(connection, sql):
        if table not in facts:
            continue
        described = type_.upper() + rest[table].get(column, "")
        facts[table][f"column {column}"] = _column(
            described, bool(notnull), default and normal(default), hidden
        )
        if key:
            keys.setdefault(table, []).append((key, column))
    for table, columns in keys.items():
        names = [column for _, column in sorted(columns)]
        name = named.get((table, "primary key", " , ".join(names)), "")
        facts[table]["primary key"] = f"{name or 'unnamed'} ({', '.join(names)})"


def _column(type_: str, not_null: bool, default: str | None, generated: Any) -> str:
    parts = [type_, "not null" if not_null else "null"]
    if default:
        parts.append(f"default {default}")
    if generated:
        parts.append(f"generated {generated}")
    return " ".join(parts)


def _sqlite_keys(
    connection: Connection,
    facts: Facts,
    named: Mapping[tuple[str, str, str], str],
    rest: Mapping[str, Mapping[str, str]],
) -> None:
    sql = """SELECT m.name, k.id, k."from", k."table", k."to", k.on_update, k.on_delete
             FROM sqlite_master m, pragma_foreign_key_list(m.name) k WHERE m.type = 'table' ORDER BY m.name, k.id, k.seq"""
    keys: dict[tuple[str, int], list[Any]] = {}
    for table, number, *parts in _rows(connection, sql):
        keys.setdefault((table, number), []).append(parts)
    for (table, _), parts in keys.items():
        ours = ", ".join(part[0] for part in parts)
        theirs = ", ".join(part[2] or "its primary key" for part in parts)
        _, parent, _, on_update, on_delete = parts[0]
        name = named.get((table, "foreign key", ours.replace(",", " ,")), "")
        deferral = rest[table].get(f"({ours.replace(',', ' ,')})", "")
        actions = f"on delete {on_delete.lower()} on update {on_update.lower()}"
        facts[table][f"foreign key ({ours})"] = (
            f"{name or 'unnamed'} to {parent} ({theirs}) {actions}{deferral}"
        )


def _sqlite_indexes(connection: Connection, facts: Facts, named: dict[tuple[str, str, str], str]) -> None:
    sql = """SELECT m.name, i.name, c.name FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c
             WHERE m.type = 'table' AND i.origin = 'u' ORDER BY m.name, i.name, c.seqno"""
    uniques: dict[tuple[str, str], list[str]] = {}
    for table, index, column in _rows(connection, sql):
        uniques.setdefault((table, index), []).append(column)
    for (table, _), columns in uniques.items():
        name = named.get((table, "unique", " , ".join(columns)), "")
        facts[table][f"unique ({', '.join(columns)})"] = name or "unnamed"
    indexes = _rows(
        connection, "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    )
    for table, index, definition in indexes:
        facts[table][f"index {index}"] = _index(definition)


@lru_cache(maxsize=4096)
def _index(definition: str) -> str:
    found = tokens(definition)
    unique = "unique " if "unique" in found[:3] else ""
    return unique + " ".join(found[found.index("(", found.index("on")) :])


def _postgresql(connection: Connection) -> Facts:
    facts: Facts = {name: {} for (name,) in _rows(connection, _PG_TABLES)}
    for table, column, type_, collation, not_null, default, generated in _rows(connection, _PG_COLUMNS):
        described = f"{type_} collate {collation}" if collation else type_
        facts[table][f"column {column}"] = _column(described, not_null, default, generated)
    for table, name, kind, definition, columns in _rows(connection, _PG_CONSTRAINTS):
        _add_constraint(facts[table], name, kind, definition, columns)
    for table, name, definition in _rows(connection, _PG_INDEXES):
        facts[table][f"index {name}"] = definition
    for name, labels in _rows(connection, _PG_ENUMS):
        facts[f"type {name}"] = {"labels": ", ".join(labels)}
    return facts


def _add_constraint(
    facts: dict[str, str], name: str, kind: str, definition: str, columns: Iterable[str]
) -> None:
    names = ", ".join(columns)
    match kind:
        case "p":
            facts["primary key"] = f"{name} ({names})"
        case "u":
            rest = "" if definition == f"UNIQUE ({names})" else f" {definition}"
            facts[f"unique ({names})"] = name + rest
        case "f":
            facts[f"foreign key ({names})"] = f"{name} {definition}"
        case _:
            facts[f"check {name}"] = definition


_PG_TABLES = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')"""
_PG_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), o.collname, a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid), concat(a.attidentity, a.attgenerated)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_collation o ON o.oid = a.attcollation AND a.attcollation <> t.typcollation
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
  AND a.attnum > 0 AND NOT a.attisdropped"""
_PG_CONSTRAINTS = """
SELECT c.relname, n.conname, n.contype::text, pg_get_constraintdef(n.oid),
       ARRAY(SELECT a.attname::text FROM unnest(n.conkey) WITH ORDINALITY AS k(number, place)
             JOIN pg_attribute a ON a.attrelid = n.conrelid AND a.attnum = k.number ORDER BY k.place)
FROM pg_constraint n JOIN pg_class c ON c.oid = n.conrelid
WHERE c.relnamespace = current_schema()::regnamespace AND n.contype IN ('p', 'u', 'f', 'c', 'x')"""
_PG_INDEXES = """
SELECT c.relname, i.relname, pg_get_indexdef(x.indexrelid)
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
WHERE c.relnamespace = current_schema()::regnamespace
  AND NOT EXISTS (SELECT 1 FROM pg_constraint n WHERE n.conindid = x.indexrelid AND n.contype IN ('p', 'u', 'x'))"""
_PG_ENUMS = """
SELECT t.typname, ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
FROM pg_type t WHERE t.typtype = 'e' AND t.typnamespace = current_schema()::regnamespace"""


def _mysql(connection: Connection) -> Facts:
    """Unique rules are unique indexes here, and the primary key has no name of its own."""
    facts: Facts = {name: {} for (name,) in _rows(connection, _MY_TABLES)}
    for table, column, type_, not_null, default, extra, collation, expression in _rows(
        connection, _MY_COLUMNS
    ):
        described = f"{type_} {collation}" if collation else type_
        facts[table][f"column {column}"] = _column(described, bool(not_null), default, expression)
        if "auto_increment" in extra:
            facts[table]["autoincrement"] = column
    for table, index, not_unique, columns in _rows(connection, _MY_INDEXES):
        if index == "PRIMARY":
            facts[table]["primary key"] = f"({columns})"
        elif not_unique:
            facts[table][f"index {index}"] = f"({columns})"
        else:
            facts[table][f"unique ({columns})"] = index
    for table, name, ours, parent, theirs, on_delete, on_update in _rows(connection, _MY_FOREIGN_KEYS):
        actions = f"on delete {on_delete.lower()} on update {on_update.lower()}"
        facts[table][f"foreign key ({ours})"] = f"{name} to {parent} ({theirs}) {actions}"
    checks = _MARIA_CHECKS if getattr(connection.dialect, "is_mariadb", False) else _MY_CHECKS
    for table, name, condition in _rows(connection, checks):
        facts[table][f"check {name}"] = condition
    return facts


_MY_TABLES = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = database() AND table_type = 'BASE TABLE'"""
_MY_COLUMNS = """
SELECT c.table_name, c.column_name, c.column_type, c.is_nullable = 'NO', c.column_default, c.extra, c.collation_name,
       c.generation_expression
FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = database() AND t.table_type = 'BASE TABLE'"""
_MY_INDEXES = """
SELECT table_name, index_name, max(non_unique),
       group_concat(coalesce(column_name, 'an expression'), if(collation = 'D', ' desc', ''),
                    if(sub_part IS NULL, '', concat('(', sub_part, ')')) ORDER BY seq_in_index SEPARATOR ', ')
FROM information_schema.statistics WHERE table_schema = database() GROUP BY table_name, index_name"""
_MY_FOREIGN_KEYS = """
SELECT k.table_name, k.constraint_name,
       group_concat(k.column_name ORDER BY k.ordinal_position SEPARATOR ', '), k.referenced_table_name,
       group_concat(k.referenced_column_name ORDER BY k.ordinal_position SEPARATOR ', '), r.delete_rule, r.update_rule
FROM information_schema.key_column_usage k
JOIN information_schema.referential_constraints r
  ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
WHERE k.table_schema = database() AND k.referenced_table_name IS NOT NULL
GROUP BY k.table_name, k.constraint_name, k.referenced_table_name, r.delete_rule, r.update_rule"""
_MARIA_CHECKS = """
SELECT table_name, constraint_name, check_clause FROM information_schema.check_constraints
WHERE constraint_schema = database()"""
_MY_CHECKS = """
SELECT t.table_name, c.constraint_name, c.check_clause FROM information_schema.check_constraints c
JOIN information_schema.table_constraints t
  ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name AND t.constraint_type = 'CHECK'
WHERE c.constraint_schema = database()"""
