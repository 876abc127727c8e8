"""The import block of a generated module, worked out from the names that its code uses."""

import re
import symtable
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set

_MODULES: Mapping[str, str] = {
    name: module
    for module, names in {
        "collections.abc": "Mapping",
        "dataclasses": "dataclass field",
        "decimal": "Decimal",
        "enum": "StrEnum",
        "typing": "Annotated Any Literal",
        "uuid": "UUID",
        "fastapi": "FastAPI Query Request Response",
        "httpx2": "AsyncClient",
        "pydantic": "Field",
        "sqlalchemy": (
            "BigInteger CheckConstraint Column Date Double ForeignKey Index JSON LargeBinary Numeric String Table Text Time"
            " UniqueConstraint bindparam"
        ),
        "sqlalchemy.ext.asyncio": "AsyncSession",
        "sqlalchemy.sql.elements": "conv",
        "sqlalchemy.orm": "Mapped mapped_column",
        "structlog.typing": "FilteringBoundLogger",
        "app.api.deps": ("PublicReading PublicWriting Reading SuperuserReading SuperuserWriting Writing"),
        "app.api.errors": "responses",
        "app.api.routing": "APIRouter",
        "app.core.config": "get_settings",
        "app.core.context": "Caller Unit",
        "app.core.cursors": "Cursors",
        "app.core.database": "Database UtcDateTime today utc_now",
        "app.models.base": "Base ListOf SoftDeletes UrlString enum_type",
        "app.repositories.base": "Page Repository",
        "app.repositories.conditions": "contains public_id_of refers_to",
        "app.repositories.keyset": "CursorPage KeysetRepository",
        "app.repositories.links": "Links",
        "app.schemas.base": "BULK_MAX BulkRead CursorPageRead CursorQuery ListQuery PageRead ReadSchema Schema unset",
        "app.schemas.fields": (
            "Base64 CalendarDate Email INT32_MAX INT32_MIN INT64_MAX INT64_MIN Instant Int32 Int64 Json PlainDecimal PlainUUID PublicIds TimeOfDay WebAddress"
            " scaled"
        ),
        "tests.app.factories": "numbers",
        "tests.app.factories.user": "make_user",
        "tests.app.factories.values": "clock date decimal instant text web_address whole",
    }.items()
    for name in names.split()
}
_PLAIN: Mapping[str, str] = {
    "dt": "import datetime as dt",
    "pytest": "import pytest",
    "structlog": "import structlog",
    "uuid": "import uuid",
}
IMPORTABLE = frozenset(_MODULES) | frozenset(_PLAIN)
"""Names that a generated module may import; no generated definition may take one of them."""


def with_imports(docstring: str, body: str, workspace_names: Mapping[str, str], *, for_tests: bool) -> str:
    """A whole module: docstring, the imports that `body` needs, `body`.

    `workspace_names` leads from names that live in the workspace (models, schemas, services) to their modules. Only
    modules `for_tests` may import from the tests.
    """
    bound, looked_up = global_names(body)
    used = looked_up - bound
    plain = {_PLAIN[name] for name in used if name in _PLAIN}
    grouped: dict[str, set[str]] = defaultdict(set)
    for name in used:
        module = workspace_names.get(name) or _MODULES.get(name)
        if module is not None and (for_tests or not module.startswith("tests.")):
            grouped[module].add(name)
    sections: list[list[str]] = [[], [], []]
    ours = {module.partition(".")[0] for module in workspace_names.values()} | {"app", "tests"}
    for line in sorted(plain):
        sections[section_of(line.split()[1], ours)].append(line)
    for module in sorted(grouped):
        names = ", ".join(sorted(grouped[module], key=import_order))
        sections[section_of(module, ours)].append(f"from {module} import {names}")
    imports = "\n\n".join("\n".join(section) for section in sections if section)
    return f"{docstring}\n\n{imports}\n\n{body}"


def global_names(code: str) -> tuple[set[str], set[str]]:
    """The names that the code of a module binds there, and those that it looks up there.

    Raises SyntaxError where Python refuses the code.
    """
    scope = symtable.symtable(code, "<code>", "exec")
    bound = {each.get_name() for each in scope.get_symbols() if each.is_assigned() or each.is_imported()}
    return bound, set(_looked_up(scope))


def _looked_up(scope: symtable.SymbolTable) -> Iterator[str]:
    """The names that a scope and those inside it look up in the module. A symbol table knows them without any tree."""
    for symbol in scope.get_symbols():
        if symbol.is_global() and symbol.is_referenced():
            yield symbol.get_name()
    for inner in scope.get_children():
        yield from _looked_up(inner)


def section_of(module: str, ours: Set[str]) -> int:
    """The place of a module's group among the imports: standard library, what is installed, `ours` by first name."""
    top = module.split(".", maxsplit=1)[0]
    if top in sys.stdlib_module_names:
        return 0
    return 2 if top in ours else 1


def import_order(name: str) -> tuple[int, tuple[str | int, ...], str]:
    """A key to sort imported names by, as isort does: constants, then classes, then the rest, whatever the case of their
    letters, and numbers by their value."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    parts = re.split(r"(\d+)", name.lower())
    return kind, tuple(int(part) if part.isdecimal() else part for part in parts), name
