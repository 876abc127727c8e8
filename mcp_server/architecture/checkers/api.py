"""KIT4xx: what a route declares."""

import ast
import re
from collections.abc import Iterator

from mcp_server.architecture.rule import Found, bad, good, rule
from mcp_server.architecture.source import Function, SourceFile, constant, keyword, receiver

METHODS = frozenset({"get", "post", "put", "patch", "delete"})
API = frozenset({"api"})
PUBLIC = re.compile(r"\bPublic\b")


def routes(source: SourceFile) -> Iterator[tuple[Function, ast.Call, str]]:
    """Every route function with its decorator and its method."""
    for function in source.functions():
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                owner = source.name_of(receiver(decorator)).rpartition(".")[2]
                if decorator.func.attr in METHODS and (owner.endswith("router") or owner == "app"):
                    yield function, decorator, decorator.func.attr


@rule(
    "KIT401",
    title="Every route declares its response model",
    why="Without one, whatever the function returns goes out: internal keys, secrets, the wrong shape.",
    fix="Add `response_model=...`, or `status_code=204` where nothing is returned.",
    layers=API,
    bad=bad(
        "app/api/v1/products.py",
        1,
        """
        @router.get("/{public_id}")
        async def read_product(unit: Reading, public_id: UUID):
            return await ProductService(unit).get(public_id)
        """,
    ),
    good=good(
        "app/api/v1/products.py",
        """
        @router.get("/{public_id}", response_model=ProductRead)
        async def read_product(unit: Reading, public_id: UUID):
            return await ProductService(unit).get(public_id)


        @router.delete("/{public_id}", status_code=204)
        async def delete_product(unit: Writing, public_id: UUID) -> None:
            await ProductService(unit).delete(public_id)
        """,
    ),
)
def no_response_model(source: SourceFile) -> Iterator[Found]:
    for function, decorator, _ in routes(source):
        model = keyword(decorator, "response_model")
        declared = model is not None and not (isinstance(model, ast.Constant) and model.value is None)
        declared = declared or _is_schema(source, function.returns) or _is_empty(source, decorator)
        if not declared and keyword(decorator, "response_class") is None:
            yield decorator, f"`{function.name}` declares no response model"


def _is_schema(source: SourceFile, returned: ast.expr | None) -> bool:
    """Whether a return annotation is a schema, which FastAPI then takes as the response model."""
    name = source.name_of(returned)
    if source.layers.of_module(name.rpartition(".")[0]) == "schemas":
        return True
    own = (item for item in source.nodes(ast.ClassDef) if item.name == name)
    bases = [base for item in own for base in item.bases]
    return any(
        source.layers.of_module(source.name_of(base).rpartition(".")[0]) == "schemas" for base in bases
    )


def _is_empty(source: SourceFile, decorator: ast.Call) -> bool:
    status = keyword(decorator, "status_code")
    return constant(status) == 204 or source.name_of(status).endswith("HTTP_204_NO_CONTENT")


@rule(
    "KIT402",
    title="POST and DELETE declare their status",
    why="The default of 200 is wrong for most of them: a POST creates (201), a DELETE returns nothing (204).",
    fix="Add `status_code=201`, `204`, or `200` where that is meant.",
    layers=API,
    bad=bad(
        "app/api/v1/products.py",
        1,
        """
        @router.post("", response_model=ProductRead)
        async def create_product(unit: Writing, body: ProductCreate): ...
        """,
    ),
    good=good(
        "app/api/v1/products.py",
        """
        @router.post("", response_model=ProductRead, status_code=201)
        async def create_product(unit: Writing, body: ProductCreate): ...
        """,
    ),
)
def no_status(source: SourceFile) -> Iterator[Found]:
    for function, decorator, method in routes(source):
        if method in {"post", "delete"} and keyword(decorator, "status_code") is None:
            yield decorator, f"`{function.name}` does not declare its status"


@rule(
    "KIT403",
    title="Page sizes are bounded",
    why="An unbounded `limit` lets one request read the whole table.",
    fix="Take the query schema with its bounded `limit`, or `Annotated[int, Query(ge=1, le=100)]`.",
    layers=API,
    bad=bad(
        "app/api/v1/products.py",
        2,
        """
        @router.get("", response_model=ProductPage)
        async def list_products(unit: Reading, limit: int = 20): ...
        """,
    ),
    good=good(
        "app/api/v1/products.py",
        """
        @router.get("", response_model=ProductPage)
        async def list_products(unit: Reading, limit: Annotated[int, Query(ge=1, le=100)] = 20): ...
        """,
    ),
)
def unbounded_page(source: SourceFile) -> Iterator[Found]:
    for function, _, _ in routes(source):
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        for argument in arguments:
            bare = isinstance(argument.annotation, ast.Name) and argument.annotation.id == "int"
            if bare and argument.arg in {"limit", "size", "page_size", "per_page", "skip", "offset"}:
                yield argument, f"`{argument.arg}` of `{function.name}` has no bounds"


@rule(
    "KIT404",
    title="Every route says who may call it",
    why="A route without a caller is open to the world, and nobody notices.",
    fix="Take a unit from `app.api.deps` (`Reading`, `Writing`, ...); mark an open one with `PublicReading`, or with "
    '"Public." in its docstring.',
    layers=API,
    bad=bad(
        "app/api/v1/products.py",
        4,
        """
        from app.services.product import Products


        @router.get("", response_model=ProductPage)
        async def list_products(products: Products) -> Page:
            return await products.page()
        """,
    ),
    good=good(
        "app/api/v1/products.py",
        """
        from app.api.deps import Reading
        from app.services.product import ProductService


        @router.get("", response_model=ProductPage)
        async def list_products(unit: Reading) -> Page:
            return await ProductService(unit).page()


        @router.get("/count", response_model=Count)
        async def count_products(products: Products) -> Count:
            '''How many there are. Public.'''
            return await products.count()
        """,
    ),
)
def nameless_caller(source: SourceFile) -> Iterator[Found]:
    for function, decorator, _ in routes(source):
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        asks = any(
            source.name_of(argument.annotation).rpartition(".")[0].endswith("deps") for argument in arguments
        )
        said = f"{ast.get_docstring(function)} {ast.get_docstring(source.tree)}"
        if not asks and keyword(decorator, "dependencies") is None and not PUBLIC.search(said):
            yield decorator, f"`{function.name}` does not say who may call it"


@rule(
    "KIT405",
    title="Schemas build on the shared bases",
    why="A plain BaseModel accepts unknown fields, NUL characters and infinities.",
    fix="Derive from `Schema` (what clients send) or `ReadSchema` (what they get) of `app.schemas.base`.",
    layers=frozenset({"schemas"}),
    bad=bad(
        "app/schemas/product.py",
        4,
        """
        from pydantic import BaseModel


        class ProductCreate(BaseModel):
            in_stock: bool
        """,
    ),
    good=good(
        "app/schemas/product.py",
        """
        from app.schemas.base import Schema


        class ProductCreate(Schema):
            in_stock: bool
        """,
    ),
)
def plain_model(source: SourceFile) -> Iterator[Found]:
    for schema in source.nodes(ast.ClassDef):
        configured = any(
            isinstance(item, ast.Assign) and source.name_of(item.targets[0]) == "model_config"
            for item in schema.body
        )
        if not configured and any(source.is_from(base, "pydantic", "BaseModel") for base in schema.bases):
            yield schema, f"`{schema.name}` is a plain BaseModel"


@rule(
    "KIT406",
    title="Inputs are bounded",
    why="An unbounded string fills the memory, an unbounded integer overflows the column: both end in a 500.",
    fix="Give it bounds: `Annotated[str, Field(max_length=100)]`, or a type of `app.schemas.fields`.",
    layers=frozenset({"schemas"}),
    bad=bad(
        "app/schemas/product.py",
        5,
        """
        from app.schemas.base import Schema


        class ProductCreate(Schema):
            name: str
        """,
    ),
    good=good(
        "app/schemas/product.py",
        """
        from app.schemas.base import ReadSchema, Schema
        from app.schemas.fields import Int32


        class ProductCreate(Schema):
            name: Annotated[str, Field(max_length=100)]
            code: str = Field(pattern="^[A-Z]{3}$")
            amount: Int32


        class ProductRead(ReadSchema):
            name: str
        """,
    ),
)
def unbounded_input(source: SourceFile) -> Iterator[Found]:
    inputs = {"Schema", "ListQuery"}
    for schema in (item for item in source.tree.body if isinstance(item, ast.ClassDef)):
        if not any(source.name_of(base).rpartition(".")[2] in inputs for base in schema.bases):
            continue
        inputs.add(schema.name)
        for item in schema.body:
            if isinstance(item, ast.AnnAssign) and _is_bare(item.annotation) and not _has_bounds(item.value):
                yield item, f"`{schema.name}.{source.name_of(item.target)}` has no bounds"


def _is_bare(annotation: ast.expr) -> bool:
    """`str`, `int`, `bytes`, also with `| None`, and nothing more."""
    if isinstance(annotation, ast.BinOp):
        return any(_is_bare(side) for side in (annotation.left, annotation.right))
    return isinstance(annotation, ast.Name) and annotation.id in {"str", "int", "bytes"}


def _has_bounds(value: ast.expr | None) -> bool:
    options = {item.arg for item in value.keywords} if isinstance(value, ast.Call) else set()
    return bool(options & {"max_length", "pattern", "le", "lt", None})
