"""KIT2xx: each layer does its own work, and imports point one way."""

import ast
from collections.abc import Iterator

from mcp_server.architecture.layers import IMPORT_ORDER, UNIT_OF_WORK
from mcp_server.architecture.rule import Found, bad, good, rule
from mcp_server.architecture.source import SourceFile, is_session

STATEMENTS = frozenset({"select", "insert", "update", "delete", "text", "union", "union_all", "exists"})
SESSION_WORK = frozenset(
    {"execute", "scalar", "scalars", "stream", "stream_scalars", "get", "get_one", "add", "add_all", "delete"}
    | {"merge", "refresh", "flush", "exec_driver_sql"}
)


@rule(
    "KIT201",
    title="Only the unit of work commits or rolls back",
    why="One request is one transaction: a commit elsewhere makes half a request permanent.",
    fix="Delete the call; the session dependency commits after the endpoint. Use `flush()` to see database errors early.",
    bad=bad(
        "app/services/product.py",
        3,
        """
        async def create(session, row):
            session.add(row)
            await session.commit()
        """,
    ),
    good=good(
        "app/services/product.py",
        """
        async def create(session, row):
            session.add(row)
            await session.flush()
        """,
    ),
)
def ends_a_transaction(source: SourceFile) -> Iterator[Found]:
    if source.path == UNIT_OF_WORK:
        return
    savepoints = _savepoints(source)
    for call in source.nodes(ast.Call):
        if not isinstance(call.func, ast.Attribute):
            continue
        method, owner = call.func.attr, source.name_of(call.func.value)
        ends = method in {"commit", "rollback"} and owner not in savepoints
        if ends or (method == "begin" and is_session(source, call.func.value)):
            yield call, f"`{method}()` outside the unit of work ({UNIT_OF_WORK})"


def _savepoints(source: SourceFile) -> set[str]:
    """Names bound to `begin_nested()`: undoing a savepoint leaves the transaction as it is."""
    bound = [(item.optional_vars, item.context_expr) for item in _entered(source)]
    found = {source.name_of(name) for name, value in bound if _is_savepoint(value)}
    return found | {name for _, name, value in source.assignments() if _is_savepoint(value)}


def _entered(source: SourceFile) -> Iterator[ast.withitem]:
    yield from (item for node in source.nodes(ast.AsyncWith) for item in node.items)


def _is_savepoint(value: ast.expr) -> bool:
    called = value.value if isinstance(value, ast.Await) else value
    method = called.func if isinstance(called, ast.Call) else None
    return isinstance(method, ast.Attribute) and method.attr == "begin_nested"


@rule(
    "KIT202",
    title="No queries in endpoints",
    why="A query in an endpoint escapes the ownership check, the tests of the repository and every other caller.",
    fix="Move the statement into the feature's repository and call the service.",
    layers=frozenset({"api"}),
    bad=bad(
        "app/api/v1/products.py",
        8,
        """
        from sqlalchemy import text

        COUNT = "select count(*) from products"


        async def count(unit: Reading) -> int:
            # the next line does the repository's work
            return await unit.session.scalar(COUNT)
        """,
    ),
    good=good(
        "app/api/v1/products.py",
        """
        from app.services.product import ProductService


        async def count(unit: Reading) -> int:
            return await ProductService(unit).count()
        """,
    ),
)
def query_in_endpoint(source: SourceFile) -> Iterator[Found]:
    yield from _queries(source)


@rule(
    "KIT203",
    title="No model imports in endpoints",
    why="An endpoint that knows the table can leak a column, and changes with every migration.",
    fix="Import the schema or the service instead.",
    layers=frozenset({"api"}),
    bad=bad("app/api/v1/products.py", 1, "from app.models.product import Product\n"),
    good=good("app/api/v1/products.py", "from app.schemas.product import ProductRead\n"),
)
def model_in_endpoint(source: SourceFile) -> Iterator[Found]:
    for item in source.imports:
        if _imported_layer(source, item.module, item.name) == "models":
            yield _at(item.line), f"imports the model module `{item.module}`"


@rule(
    "KIT204",
    title="No FastAPI below the endpoints",
    why="Business rules that raise HTTP errors cannot be called from a job, a command or another service.",
    fix="Raise a domain error from `app.core.errors`; the handlers turn it into a response.",
    layers=frozenset({"services", "repositories", "schemas", "models"}),
    bad=bad("app/services/product.py", 1, "from fastapi import HTTPException\n"),
    good=good("app/services/product.py", "from app.core.errors import NotFound\n"),
)
def web_below_endpoints(source: SourceFile) -> Iterator[Found]:
    for item in source.imports:
        if item.module.partition(".")[0] in {"fastapi", "starlette"}:
            yield _at(item.line), f"imports `{item.module}` in {source.layer}"


@rule(
    "KIT205",
    title="Imports point one way: api, services, repositories, schemas, models, core",
    why="A layer that knows the layers above it cannot be tested, reused or replaced alone.",
    fix="Move what both need down a layer, or pass it in as an argument.",
    bad=bad("app/repositories/product.py", 1, "from app.services.product import ProductService\n"),
    good=good(
        "app/repositories/product.py",
        """
        from app.core.errors import NotFound
        from app.models.product import Product
        from app.schemas.product import ProductCreate
        """,
    ),
)
def upward_import(source: SourceFile) -> Iterator[Found]:
    own = IMPORT_ORDER.index(source.layer)
    for item in source.imports:
        layer = _imported_layer(source, item.module, item.name)
        if layer in IMPORT_ORDER and IMPORT_ORDER.index(layer) < own:
            yield _at(item.line), f"{source.layer} imports `{item.module}` of {layer}"


@rule(
    "KIT206",
    title="No queries in services",
    why="Statements in two layers are checked for ownership in neither.",
    fix="Give the repository a method that says what is wanted, and call it.",
    layers=frozenset({"services"}),
    bad=bad(
        "app/services/product.py",
        6,
        """
        from sqlalchemy import select


        async def find(unit, name):
            # one statement, built where nobody looks for it
            return unit.products.run(select(Product).where(Product.name == name))
        """,
    ),
    good=good(
        "app/services/product.py",
        """
        async def find(unit, name):
            return await ProductRepository(unit).by_name(name)
        """,
    ),
)
def query_in_service(source: SourceFile) -> Iterator[Found]:
    yield from _queries(source)


def _queries(source: SourceFile) -> Iterator[Found]:
    for call in source.nodes(ast.Call):
        if source.is_from(call.func, "sqlalchemy", *STATEMENTS):
            yield call, f"builds a statement with `{source.name_of(call.func)}` in {source.layer}"
        elif (
            isinstance(call.func, ast.Attribute)
            and call.func.attr in SESSION_WORK
            and is_session(source, call.func.value)
        ):
            yield call, f"runs `{source.name_of(call.func)}` in {source.layer}"


def _imported_layer(source: SourceFile, module: str, name: str | None) -> str | None:
    """The layer of an import; `from app.models import product` may name a module or an object of the package."""
    submodule = source.layers.of_module(f"{module}.{name}") if name else None
    if submodule not in {None, "app"}:
        return submodule
    layer = source.layers.of_module(module)
    # `import app` and `from app import x` name the package, which is the root of every layer and not main.py.
    return None if layer == "app" and "." not in module else layer


def _at(line: int) -> ast.AST:
    return ast.Pass(lineno=line, col_offset=0)
