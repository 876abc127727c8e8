"""Words that mean something to Python, SQLAlchemy, Pydantic, SQL or the app itself, and so cannot be used plainly."""

import builtins
import keyword
from typing import Final

# pydantic.BaseModel's public attributes (a test compares this list with the installed Pydantic).
_PYDANTIC: Final = frozenset({
    "construct", "copy", "dict", "from_orm", "json", "model_computed_fields", "model_config", "model_construct",
    "model_copy", "model_dump", "model_dump_json", "model_extra", "model_fields", "model_fields_set",
    "model_json_schema", "model_parametrized_name", "model_post_init", "model_rebuild", "model_validate",
    "model_validate_json", "model_validate_strings", "parse_file", "parse_obj", "parse_raw", "schema", "schema_json",
    "update_forward_refs", "validate",
})  # fmt: skip
_SQLALCHEMY: Final = frozenset({"metadata", "registry", "type_annotation_map", "awaitable_attrs"})
# Names that generated class bodies use after a field of that name would have hidden them, and `self`, which a
# keyword argument of a constructor cannot be.
_CLASS_BODY: Final = frozenset({
    "bool", "bytes", "dict", "dt", "enum_type", "field", "field_validator", "float", "int", "list", "mapped_column",
    "model_validator", "object", "property", "relationship", "sa", "scaled", "self", "set", "str", "today", "tuple",
    "unset", "utc_now",
})  # fmt: skip

_AMBIGUOUS: Final = frozenset({"l"})  # looks like 1; linters refuse it
ATTRIBUTES: Final = frozenset(keyword.kwlist) | _PYDANTIC | _SQLALCHEMY | _CLASS_BODY | _AMBIGUOUS
"""Names that get a trailing underscore as Python attributes. Column and JSON name stay as they are."""

PROTECTED_PREFIXES: Final = ("model_validate", "model_dump")
"""Pydantic warns about every field that begins like this; an underscore at the end would not help."""

# None, True, the exceptions: no assignment may bind the first, and linters refuse to hide the others.
BUILT_IN: Final = frozenset(name for name in dir(builtins) if name[:1].isupper())
CLASSES: Final = BUILT_IN | frozenset({
    "APIRouter", "Annotated", "Any", "AsyncClient", "AsyncSession", "Base", "Base64", "BaseModel",
    "BigInteger", "Boolean", "Bulk", "BulkRead", "CalendarDate", "Caller", "CheckConstraint", "Collection", "Column",
    "CursorPage", "CursorPageRead", "CursorQuery", "Cursors",
    "Database", "Date", "DateTime", "Decimal", "Depends", "Double", "Email", "Enum",
    "FastAPI", "Field", "FilteringBoundLogger", "Float", "ForeignKey", "Generic", "Index",
    "Instant", "Int32", "Int64", "Integer", "Iterable", "Iterator", "JSON", "Json", "KeysetRepository", "LargeBinary", "Links", "List", "ListOf",
    "ListQuery", "Literal", "Mapped", "Mapping", "Numeric", "Page", "PageRead", "PlainDecimal", "PlainUUID", "PublicIds", "PublicReading",
    "PublicWriting", "Query", "ReadSchema", "ReadSession", "Reading", "Repository", "Request",
    "Response", "Schema", "Self", "Sequence", "Service", "Session", "SoftDeletes", "StrEnum", "String",
    "SuperuserReading", "SuperuserWriting", "Table", "Text", "Time", "TimeOfDay", "TypeVar",
    "UniqueConstraint", "Unit", "UrlString", "UtcDateTime", "Uuid", "WebAddress", "WriteSession", "Writing",
})  # fmt: skip
"""Class names that mean something else in generated modules; a feature of that name gets `<Name>Model`."""

FEATURES: Final = frozenset({
    "auth", "aux", "bad_row", "base", "batches", "callers", "con", "conditions", "conflicts", "deps", "error",
    "fields", "health", "init", "keyset", "links", "main", "nul", "owner", "prn", "router", "self",
    "soft_deletion", "statements", "user_accounts", "values", "writes",
})  # fmt: skip
"""Feature names that stand for something else in a spec or in the app's modules (a test compares these with the files
that are no feature's), or that Windows keeps for itself."""

MIXIN_COLUMNS: Final = frozenset({
    "id", "public_id", "created_at", "updated_at", "owner", "owner_id", "owner_public_id",
})  # fmt: skip
"""Names that every table, or every owned table, has already."""

QUERY_PARAMETERS: Final = frozenset({"skip", "limit", "sort", "search", "cursor"})

# Reserved by PostgreSQL, SQLite or MySQL. Tables and columns are quoted by SQLAlchemy; inside a CHECK we do it.
_SQL: Final = """
    abort action add after all alter always analyse analyze and any array as asc asymmetric attach authorization
    autoincrement before begin between binary both by call cascade case cast change check collate collation column
    commit concurrently condition conflict constraint continue convert create cross current current_catalog
    current_date current_role current_schema current_time current_timestamp current_user cursor database databases
    day_hour declare default deferrable deferred delayed delete desc describe detach deterministic distinct
    distinctrow div do drop dual each else elseif enclosed end escape escaped except exclude exclusive exists exit
    explain fail false fetch filter first float4 float8 following for force foreign freeze from full fulltext
    function generated get glob grant group grouping groups having high_priority if ignore ilike immediate in index
    indexed infile initially inner inout insensitive insert instead int1 int2 int3 int4 int8 intersect interval into
    is isnull iterate join key keys kill lag last lateral lead leading leave left like limit linear lines load
    localtime localtimestamp lock long longblob longtext loop low_priority master_bind match materialized maxvalue
    mediumblob mediumint mediumtext middleint mod modifies natural new no not nothing notnull nth_value ntile null
    nulls of off offset old on only optimize option optionally or order others out outer outfile over overlaps
    partition percent_rank placing plan pragma preceding precision primary procedure purge query raise range rank
    read reads real recursive references regexp reindex release rename repeat replace require resignal restrict
    return returning revoke right rlike rollback row row_number rows savepoint schema schemas select sensitive
    separator session_user set show signal similar some spatial specific sql sqlexception sqlstate sqlwarning ssl
    starting stored symmetric system table tablesample temp temporary terminated then ties tinyblob tinyint tinytext
    to trailing transaction trigger true unbounded undo union unique unlock unsigned update usage use user using
    utc_date utc_time utc_timestamp vacuum values varbinary variadic varying verbose view virtual when where while
    window with without write xor year_month zerofill
    bigint bit boolean char character coalesce dec decimal extract float greatest int integer least national nchar none
    normalize nullif numeric overlay position setof smallint substring time timestamp treat trim varchar xmltable
"""
SQL_WORDS: Final = frozenset(_SQL.split())
